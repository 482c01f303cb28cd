"""Which runs a list is of, and what a search of it means."""
