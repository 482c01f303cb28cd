"""The command `tasker`."""
