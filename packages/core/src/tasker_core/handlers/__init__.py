"""Handlers: the built-in ones with their parameters, and those that executors announce."""
