"""From Kafka to the store: the subscriber, its positions, and batches of records."""
