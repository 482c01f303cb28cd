"""The HTTP shapes: what the API takes and answers. A `title` is the name that the OpenAPI document has for a shape."""
