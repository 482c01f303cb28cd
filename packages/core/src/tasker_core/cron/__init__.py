"""Cron expressions: their fields, their dialect, and the times that they match."""
