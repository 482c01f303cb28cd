"""Judges a simulation from what its broker holds in the end, independently of the scheduler."""
