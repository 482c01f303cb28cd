"""Handlers as plug-ins: one for each mode."""
