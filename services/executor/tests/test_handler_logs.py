"""What handlers log, among the lines of the executor."""

import logging

import pytest

from tasker_executor.handlers.plugins.handler_logs import HandlerLogForwarder
from tasker_runtime.testing import RecordedLog


def line(template: str, *values: object) -> logging.LogRecord:
    record = logging.LogRecord("tasker.handler.report", logging.WARNING, "report.py", 7, template, values, None)
    record.__dict__.update(handler="report", task_id="daily", run_id="7f")
    return record


def test_a_line_bears_its_task_and_run() -> None:
    log = RecordedLog()
    HandlerLogForwarder(log).emit(line("%d pages", 3))
    ((level, action, fields),) = log.lines
    assert (level, action, fields["message"], fields["task_id"]) == ("warning", "handler says", "3 pages", "daily")
    assert (fields["handler"], fields["run_id"], fields["trace_id"]) == ("report", "7f", "7f")


def test_a_line_that_cannot_be_written_ends_no_run(capsys: pytest.CaptureFixture[str]) -> None:
    """As with the standard library's own handlers: what was to be logged is told beside."""
    log = RecordedLog()
    HandlerLogForwarder(log).emit(line("%d pages", "three"))
    assert not log.lines
    assert "Message: '%d pages'" in capsys.readouterr().err
