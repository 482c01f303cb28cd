"""For tests: a log that keeps its lines."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class RecordedLog:
    """`lines`: (level, action, fields)."""

    lines: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list[tuple[str, str, dict[str, Any]]])

    def debug(self, event: str, **fields: Any) -> None:
        self.lines.append(("debug", event, fields))

    def info(self, event: str, **fields: Any) -> None:
        self.lines.append(("info", event, fields))

    def warning(self, event: str, **fields: Any) -> None:
        self.lines.append(("warning", event, fields))

    def error(self, event: str, **fields: Any) -> None:
        self.lines.append(("error", event, fields))

    def fields_of(self, action: str) -> list[dict[str, Any]]:
        """The fields of all lines of one action."""
        return [fields for _, event, fields in self.lines if event == action]
