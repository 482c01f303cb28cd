"""What a service shows to Prometheus: how metrics are declared, and those that all services have."""
