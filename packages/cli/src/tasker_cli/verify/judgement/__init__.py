"""PURE. What the topics and the log say of each run, held against what must be."""
