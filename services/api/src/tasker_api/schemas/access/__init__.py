"""The shapes of who calls."""
