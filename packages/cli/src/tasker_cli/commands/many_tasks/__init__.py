"""What is done to many tasks at once, and how it is undone."""
