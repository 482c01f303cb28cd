"""Handlers of your own for Tasker: `handler` declares one, `Run` is what it is given, `Failed` how it fails.

`After` is the run that comes before one in a chain.
"""

from tasker.failure import Failed
from tasker.handler import Handler, handler
from tasker.run import After, Run

__all__ = ["After", "Failed", "Handler", "Run", "handler"]
