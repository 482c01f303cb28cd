"""For tests: a log that keeps its lines, and a recorder that keeps its spans."""

from dataclasses import asdict, dataclass, field
from typing import Any

from tasker_runtime.tracing.spans import FinishedSpan


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


@dataclass(slots=True)
class RecordedSpans:
    """A SpanRecorder. `spans`: the fields of each; `sampled`: whether what has no flag of its own is recorded;
    `capacity`: how many are taken, `dropped`: how many were not."""

    sampled: bool = True
    spans: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    capacity: int = 1_000_000
    dropped: int = 0

    @property
    def samples_all(self) -> bool:
        """As `samples`."""
        return self.sampled

    @property
    def has_room(self) -> bool:
        """Whether fewer than `capacity` are kept."""
        return len(self.spans) < self.capacity

    def samples(self, trace_id: int) -> bool:
        """The same for all."""
        return self.sampled and trace_id > 0

    def record(self, span: FinishedSpan) -> None:
        """Keep it, if there is room."""
        if self.has_room:
            self.spans.append(asdict(span))
        else:
            self.drop()

    def drop(self) -> None:
        """Count it."""
        self.dropped += 1

    async def close(self) -> None:
        """Nothing waits."""
