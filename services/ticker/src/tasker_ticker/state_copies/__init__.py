"""Local copies of `ticker-state`, so that a process that starts again reads from Kafka only what came after them."""
