"""What happened in a simulation, for people to read; nothing is kept unless somebody asks."""

from collections.abc import Callable
from typing import Any


class Trace:
    """Lines with their virtual time."""

    def __init__(self, on: bool, now: Callable[[], float]) -> None:
        self.on, self._now = on, now
        self.lines: list[str] = []
        self.errors: list[BaseException] = []
        """What processes have logged as unforeseen."""

    def add(self, line: str) -> None:
        """Add a line."""
        if self.on:
            self.lines.append(f"{self._now():9.3f}  {line}")

    def log(self, process: str) -> "ProcessLog":
        """The logger of a process."""
        return ProcessLog(self, process)


class ProcessLog:
    """The log of one process, as part of the trace."""

    def __init__(self, trace: Trace, process: str) -> None:
        self._trace, self._process = trace, process

    def debug(self, event: str, **fields: Any) -> None:
        """A line."""
        if self._trace.on:
            facts = ", ".join(f"{name}={value}" for name, value in fields.items())
            self._trace.add(f"{self._process}: {event} {facts}")

    info = warning = debug

    def error(self, event: str, **fields: Any) -> None:
        """A line, and the exception that it tells."""
        self.debug(event, **fields)
        if isinstance(error := fields.get("exc_info"), BaseException):
            self._trace.errors.append(error)
