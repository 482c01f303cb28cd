"""What is written to Kafka about an attempt: results, dead letters, events for the ticker."""
