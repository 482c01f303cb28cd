"""The HTTP shapes of what is about many tasks at once."""
