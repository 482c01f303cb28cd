"""Tasker's REST API."""
