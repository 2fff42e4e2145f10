"""Checklists and gates."""
