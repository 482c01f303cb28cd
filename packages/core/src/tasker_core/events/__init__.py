"""Task events: what producers may send, and how it is read."""
