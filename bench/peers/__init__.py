"""Tasker beside other schedulers: the same work, on the same machine, in one run."""
