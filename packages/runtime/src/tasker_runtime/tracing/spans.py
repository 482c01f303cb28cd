"""Spans, and who records them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tasker_core.trace_context import TraceContext

SpanKind = Literal["internal", "server", "client", "producer", "consumer"]
Attribute = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedSpan:
    """A span that is over, recorded from times that are known anyway. Times are epoch milliseconds.

    `parent_id` is that of a span in the same trace; None: it is the first one. `link` is a span of another trace that
    this one comes from, `events` are moments within it, `error` says why it failed.
    """

    name: str
    trace_id: int
    span_id: int
    parent_id: int | None = None
    kind: SpanKind = "internal"
    start_ms: int
    end_ms: int
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    events: Mapping[str, int] = field(default_factory=dict[str, int])
    link: TraceContext | None = None
    error: str | None = None


class SpanRecorder(Protocol):
    """Takes spans and sends them on in the background; whoever hands one over never waits."""

    @property
    def samples_all(self) -> bool:
        """Whether every trace is recorded that has no flag of its own."""
        ...

    @property
    def has_room(self) -> bool:
        """Whether a span would be taken now: whoever makes many asks before the work of making one."""
        ...

    def samples(self, trace_id: int) -> bool:
        """Whether a trace is recorded that has no flag of its own: the same in each service, as its id decides."""
        ...

    def record(self, span: FinishedSpan) -> None:
        """Take a span. One that comes while too many wait to be sent is dropped, and counted."""
        ...

    def drop(self) -> None:
        """Count a span that was not made since there is no room."""
        ...

    async def close(self) -> None:
        """Send what waits, within a bound."""
        ...
