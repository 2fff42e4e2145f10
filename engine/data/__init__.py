"""From a messy file to a dataset: read, map, clean, split, check, export."""
