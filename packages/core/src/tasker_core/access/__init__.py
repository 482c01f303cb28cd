"""Who may do what: roles, and the keys by which callers are known."""
