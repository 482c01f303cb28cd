"""The HTTP server of the process."""
