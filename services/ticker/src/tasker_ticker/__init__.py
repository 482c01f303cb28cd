"""Tasker's ticker: emits what is due, every second, exactly once."""
