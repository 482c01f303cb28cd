"""How MongoDB is reached, and TLS by PEM files, for it and for Kafka."""
