"""A whole Tasker under steady load for hours: what grows, what is late, and whether each run was right."""
