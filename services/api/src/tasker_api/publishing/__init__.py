"""Task events: published to Kafka, and the wait for their verdicts."""
