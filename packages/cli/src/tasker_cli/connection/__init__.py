"""Which Tasker is talked to, and as whom."""
