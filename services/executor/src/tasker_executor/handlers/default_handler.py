"""The handler `default`: writes a line to the execution log."""

from collections.abc import Callable

from tasker_core.messages.runs import Run
from tasker_executor.handlers.execution_log import ExecutionLog

_LOGGED = {"logged": True}


def default_handler(execution_log: ExecutionLog) -> Callable[[Run], object]:
    """A handler that writes one line a run."""

    def default(run: Run) -> object:
        execution_log.write(run)
        return _LOGGED

    return default
