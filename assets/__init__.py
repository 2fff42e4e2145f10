"""Data files that ship with Tuneworth."""
