"""Handlers of your own for Tasker, and Tasker itself from Python.

`handler` declares a handler, `Run` is what it is given, `Failed` how it fails, `After` the run that comes before
one in a chain. `Client` and `AsyncClient` are the REST API, `TaskerProblem` is what it refuses.
`tasker.task_event_producer` sends events to Kafka.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tasker.failure import Failed
    from tasker.handler_declaration import Handler, handler
    from tasker.rest.aio.client import AsyncClient
    from tasker.rest.problems import ClientError, NotDecided, NotReachable, TaskerProblem
    from tasker.rest.sync.client import Client
    from tasker.run import After, Run

__all__ = [
    "After",
    "AsyncClient",
    "Client",
    "ClientError",
    "Failed",
    "Handler",
    "NotDecided",
    "NotReachable",
    "Run",
    "TaskerProblem",
    "handler",
]

_HOMES: Final = {
    "After": "tasker.run",
    "AsyncClient": "tasker.rest.aio.client",
    "Client": "tasker.rest.sync.client",
    "ClientError": "tasker.rest.problems",
    "Failed": "tasker.failure",
    "Handler": "tasker.handler_declaration",
    "NotDecided": "tasker.rest.problems",
    "NotReachable": "tasker.rest.problems",
    "Run": "tasker.run",
    "TaskerProblem": "tasker.rest.problems",
    "handler": "tasker.handler_declaration",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, and only that (PEP 562): a handler needs no HTTP client, a client no handlers."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tasker' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
