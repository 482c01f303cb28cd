"""The REST API from Python: `tasker.Client` and `tasker.AsyncClient`."""
