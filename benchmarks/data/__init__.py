"""Labelled text pairs; see README.md."""
