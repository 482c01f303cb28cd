"""How the ticker uses Kafka: membership of the group, transactions, restoring state, reading events."""
