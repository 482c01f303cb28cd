"""PURE. What is coming, for all tasks or a filter of them: runs by bucket, and the spread that flattens a peak."""
