"""The state of the whole system: what Kafka and MongoDB say, and what is red and why."""
