"""Tasker's executor: runs the handlers of due tasks."""
