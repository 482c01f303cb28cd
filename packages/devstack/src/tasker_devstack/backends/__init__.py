"""Kafka and MongoDB: embedded, in containers, or the user's own; and a proxy that makes Kafka fail."""
