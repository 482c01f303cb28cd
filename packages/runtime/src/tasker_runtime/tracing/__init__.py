"""Traces: what a service records of them, and where it sends that."""
