"""Tasker's embedded backends, the supervisor of make run, and the pytest plug-in."""
