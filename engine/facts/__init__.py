"""Loaders for the dated data files in assets/."""
