"""Handlers of your own for Tasker: `handler` declares one, `Run` is what it is given, `Failed` how it fails."""

from tasker.failure import Failed
from tasker.handler import Handler, handler
from tasker.run import Run

__all__ = ["Failed", "Handler", "Run", "handler"]
