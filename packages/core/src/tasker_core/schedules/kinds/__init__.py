"""The kinds of schedules, a module for each, and what all of them can be asked."""
