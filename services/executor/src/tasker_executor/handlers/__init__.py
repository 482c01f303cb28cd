"""What runs can do."""
