"""Where a task event comes from."""

from dataclasses import dataclass

from tasker_core.messages.verdicts import Channel
from tasker_core.trace_context import TraceContext


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOrigin:
    """Where an event comes from. `event_id` is None when the producer gave none, or none that is allowed.

    `digest` names the event's content, as its producer computed it: the verdict bears it, so that the producer can
    distinguish a repeat from another request under the same id. `change_set` is the change-set that it is part of, for
    a `change-set` event the one that it is about. `trace` is the span that it comes from, if it says so.
    """

    event_id: str | None
    event_type: str
    task_id: str
    actor: str | None
    channel: Channel
    digest: str | None = None
    change_set: str | None = None
    trace: TraceContext | None = None

    @property
    def recorded_trace(self) -> TraceContext | None:
        """Its trace, if that is recorded: what comes of the event links to nothing else."""
        return self.trace if self.trace is not None and self.trace.sampled else None
