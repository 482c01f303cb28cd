"""For tests: a partition without Kafka, tickers in this process on a real Kafka, clocks and logs."""
