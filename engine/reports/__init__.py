"""Documents made from records."""
