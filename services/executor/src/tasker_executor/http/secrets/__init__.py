"""Secrets of HTTP calls: where they come from, what is signed with them, how they are kept out of results."""
