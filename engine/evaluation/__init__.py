"""Predict, score, compare, and say it in words."""
