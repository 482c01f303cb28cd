"""PURE. What is coming, for all tasks or a filter of them: runs by bucket, the peak, and the spread that would flatten it."""
