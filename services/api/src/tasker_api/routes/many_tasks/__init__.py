"""Requests about many tasks at once."""
