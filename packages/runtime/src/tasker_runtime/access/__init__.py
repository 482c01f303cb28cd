"""Making, listing and revoking the API keys of an installation."""
