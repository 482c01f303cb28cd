"""Instants, local times, durations and time zones."""
