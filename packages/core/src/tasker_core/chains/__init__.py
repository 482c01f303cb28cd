"""Chains: which task is started when a run of another one has ended."""
