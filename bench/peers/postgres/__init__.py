"""A PostgreSQL of their own, for the peers that keep their tasks in one."""
