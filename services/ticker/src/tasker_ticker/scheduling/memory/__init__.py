"""PURE. What one partition holds in memory: the ground floor of scheduling, which knows nothing of records to write."""
