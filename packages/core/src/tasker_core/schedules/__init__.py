"""Schedules and their occurrences: what ticker, API and audit share."""
