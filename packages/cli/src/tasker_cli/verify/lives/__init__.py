"""PURE. What each task had to run, as events, verdicts and watermarks tell it."""
