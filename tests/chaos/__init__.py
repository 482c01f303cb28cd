"""Faults on the real thing: processes that are killed, stopped or replaced, and backends that go away."""
