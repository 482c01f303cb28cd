"""Reads topics and log, one partition after the other."""
