"""How it is measured: what scenarios send, and what they read back."""
