"""Plain arithmetic from prices to break-even."""
