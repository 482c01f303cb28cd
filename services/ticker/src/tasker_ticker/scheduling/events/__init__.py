"""PURE. What an event changes, and the verdict that answers it."""
