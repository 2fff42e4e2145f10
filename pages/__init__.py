"""Streamlit pages: they draw and call the engine."""
