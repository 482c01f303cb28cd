"""The handler `default`: prints the execution log line in the worker."""

from collections.abc import Callable

from tasker_core.messages import Run
from tasker_executor.handlers.execution_log import ExecutionLog

_LOGGED = {"logged": True}


def default_handler(lines: ExecutionLog) -> Callable[[Run], object]:
    """A handler that writes one line a run."""

    def default(run: Run) -> object:
        lines.write(run)
        return _LOGGED

    return default
