"""What requests have done to many tasks at once."""
