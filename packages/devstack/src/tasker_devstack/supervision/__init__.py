"""A run of the whole system (`make run`): started, kept up, and ended."""
