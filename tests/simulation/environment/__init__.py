"""What a simulation consists of besides Kafka: processes, users, faults, virtual time."""
