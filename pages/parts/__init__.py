"""Drawing only."""
