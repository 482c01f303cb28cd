"""Alerts, dashboard and the operator's page say what is so."""
