"""What one request does to many tasks: bulk actions, imports, and what undoes them."""
