"""Tasker itself, as one of the peers."""
