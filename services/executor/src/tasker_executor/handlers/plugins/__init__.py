"""Plug-ins: handlers that other packages bring."""
