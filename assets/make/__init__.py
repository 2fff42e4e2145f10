"""Scripts that made the files in assets/: the demo model, the sample tickets, the icons."""
