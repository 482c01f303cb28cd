"""BullMQ on Redis."""
