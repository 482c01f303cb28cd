"""Of change-sets, and of tasks for files."""
