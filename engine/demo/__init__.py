"""The whole journey as one function."""
