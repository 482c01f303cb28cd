"""PURE. What is known of a task: its definition, how far the log has brought it, how its runs ended."""
