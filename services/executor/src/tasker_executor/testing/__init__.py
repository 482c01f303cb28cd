"""For tests: executors on a real Kafka, a runner without Kafka, and servers to be called."""
