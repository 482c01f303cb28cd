"""A whole system under everything that breaks, and how long each thing takes to be over."""
