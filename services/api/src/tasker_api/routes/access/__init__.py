"""The routes by which callers are known."""
