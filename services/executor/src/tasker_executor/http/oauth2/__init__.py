"""OAuth 2 client credentials (RFC 6749, section 4.4): requests for tokens, and the tokens that are kept."""
