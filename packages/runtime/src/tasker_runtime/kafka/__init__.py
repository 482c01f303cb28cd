"""The typed face of aiokafka. Every wait has a bound."""
