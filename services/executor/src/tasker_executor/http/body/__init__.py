"""The body of a response: unpacked, as text, and whether it is the one that a task expects."""
