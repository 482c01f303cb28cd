"""Forwards what handlers log to the executor's own log, with task and run."""

import logging

from tasker.run import LOGGER
from tasker_executor.run_log_fields import current_partition
from tasker_runtime.logs import Log


def forward_handler_logs(log: Log) -> None:
    """Write what handlers log among the executor's own lines."""
    logger = logging.getLogger(LOGGER)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.handlers[:] = [HandlerLogForwarder(log)]


class HandlerLogForwarder(logging.Handler):
    """Writes what handlers log as lines of the executor."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line. A call that can't be written is told on the standard error, and ends no run."""
        try:
            self._write(record)
        except Exception:  # noqa: BLE001 -- arguments of a line may raise anything, and so do those that do not fit
            self.handleError(record)

    def _write(self, record: logging.LogRecord) -> None:
        about = {name: getattr(record, name, None) for name in ("handler", "task_id", "run_id")}
        about |= {"trace_id": about["run_id"], "partition": current_partition()}
        level = record.levelno
        write = (
            self._log.error
            if level >= logging.ERROR
            else self._log.warning
            if level >= logging.WARNING
            else self._log.info
            if level >= logging.INFO
            else self._log.debug
        )
        write("handler says", message=record.getMessage(), **about, exc_info=record.exc_info)
