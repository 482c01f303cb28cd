"""PURE. Decides what is due and what an event changes: (state, events, now) → the records of one transaction."""
