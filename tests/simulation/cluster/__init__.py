"""The simulated Kafka cluster and its clients."""
