"""Redis, where a peer keeps its tasks in it: the server, a connection, and the log of what was executed."""
