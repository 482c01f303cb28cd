"""The ticker against a simulated log, clock and network, driven by a seed: `python -m tests.simulation`."""
