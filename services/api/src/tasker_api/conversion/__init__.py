"""From documents to HTTP shapes."""
