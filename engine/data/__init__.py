"""From a messy file to a clean, split dataset."""
