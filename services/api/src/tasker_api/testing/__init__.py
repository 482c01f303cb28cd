"""The API on real backends, in one process, for tests."""
