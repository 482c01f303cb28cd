"""PURE. The definitions that tasks have had: how each is known, and how they follow one another."""
