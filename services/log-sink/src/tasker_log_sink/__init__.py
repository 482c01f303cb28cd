"""Tasker's log sink: projects verdicts and results into MongoDB."""
