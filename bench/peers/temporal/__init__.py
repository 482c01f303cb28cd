"""Temporal: its own server, and a worker in Go."""
