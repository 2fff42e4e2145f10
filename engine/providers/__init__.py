"""The dated catalogue of routes and prices."""
