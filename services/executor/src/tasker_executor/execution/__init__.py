"""One attempt of a run, and its outcome."""
