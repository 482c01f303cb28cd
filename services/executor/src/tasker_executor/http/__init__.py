"""HTTP calls, shared by the handlers that make them."""
