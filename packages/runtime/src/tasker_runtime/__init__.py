"""Tasker's impure edge: clock, settings, logs, metrics, Kafka and MongoDB."""
