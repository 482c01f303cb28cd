"""The parameters of the built-in handlers, a module each."""
