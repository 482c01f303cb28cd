"""Reads of the execution log: which runs a list is of, and what a search of it means."""
