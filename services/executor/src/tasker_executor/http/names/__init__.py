"""How the names of called hosts become addresses."""
