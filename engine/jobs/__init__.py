"""Long work as processes of their own, found again from disk."""
