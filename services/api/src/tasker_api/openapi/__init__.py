"""The OpenAPI document, and what routes say of themselves for it."""
