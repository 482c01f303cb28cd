"""PURE. Files of many tasks: JSON, NDJSON, YAML and crontabs, read entry by entry and written back."""
