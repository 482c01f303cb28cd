"""PURE. From messages to documents."""
