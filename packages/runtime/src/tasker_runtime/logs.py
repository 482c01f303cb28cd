"""Structured log lines: one `action` a line, its facts as fields."""

import logging
import sys
from collections import Counter
from typing import Any, Literal, Protocol

import structlog

from tasker_runtime.clock import Clock, SystemClock


class Log(Protocol):
    """The part of structlog's logger that Tasker uses."""

    def debug(self, event: str, **fields: Any) -> Any: ...
    def info(self, event: str, **fields: Any) -> Any: ...
    def warning(self, event: str, **fields: Any) -> Any: ...
    def error(self, event: str, **fields: Any) -> Any: ...


class Calm(logging.Filter):
    """Lets each kind of line of a library through once in a while, with the number of those held back meanwhile.

    While Kafka is away, aiokafka says so some ten times a second. A kind is the template of a line, not its values.
    """

    def __init__(self, clock: Clock, every_ms: int = 5_000) -> None:
        super().__init__()
        self._clock, self._every = clock, every_ms
        self._last: dict[tuple[str, str], int] = {}
        self._held: Counter[tuple[str, str]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line goes out."""
        kind, now = (record.name, str(record.msg)), self._clock.now_ms()
        if now - self._last.get(kind, -self._every) < self._every:
            self._held[kind] += 1
            return False
        self._last[kind] = now
        if held := self._held.pop(kind, 0):
            record.msg, record.args = f"{record.getMessage()} ({held} more such lines held back)", None
        return True


def configure(service: str, form: Literal["console", "json"], level: str = "info") -> Log:
    """Set up logging for a service process and return its logger.

    Libraries log through the standard library: from warnings up they come out in the same form. No line fails for a
    character in it: half of a surrogate pair, as in the error of a plug-in, is written as an escape.
    """
    reconfigure: Any = getattr(sys.stdout, "reconfigure", None)  # what stands in for it in tests may have none
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.EventRenamer("action"),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            event_key="action",
            timestamp_key="at",
            colors=sys.stdout.isatty(),
            pad_event_to=24,
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(Calm(SystemClock()))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.processors.format_exc_info],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    log: Log = structlog.get_logger().bind(service=service)
    return log
