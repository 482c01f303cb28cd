"""Tasker's pure core: tasks, schedules and the messages services exchange."""
