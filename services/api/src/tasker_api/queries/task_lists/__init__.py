"""Which tasks a list is of, and by which index it is read."""
