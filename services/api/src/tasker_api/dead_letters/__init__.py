"""Dead letters: read from Kafka, and what a redrive of one does."""
