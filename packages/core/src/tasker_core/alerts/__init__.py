"""Who is told what of a task: what users say of it (`notify`), and the messages that are sent."""
