"""`tasker tasks`."""
