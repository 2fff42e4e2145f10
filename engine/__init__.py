"""Tuneworth's engine: a library usable without the app. It never imports streamlit."""

__version__ = "0.1.0"
