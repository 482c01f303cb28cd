"""PURE. What a scheduler is given: whose partition it is, and the events."""

from dataclasses import dataclass

from tasker_core.chains.graph import ChainLinks
from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.events.task_event import Rejection, TaskEvent
from tasker_core.task import HandlerCheck
from tasker_ticker.scheduling.memory.calendar_table import AllCalendars


@dataclass(frozen=True, slots=True)
class SchedulerConfig:
    """Which partition of how many this is, the name of its owner, and the version of the owner's software.

    `handler_errors` checks a handler's name and a payload for it. `chains`: which task starts which, as the owners of
    the other partitions have written it, `calendars` those that they have written. `background_rate`: runs a second in
    the background lane. `public_url`: where people reach the web UI, for links in alerts.
    """

    partition: int
    partitions: int
    owner: str
    handler_errors: HandlerCheck
    chains: ChainLinks
    calendars: AllCalendars
    background_rate: int
    version: str | None = None
    public_url: str | None = None


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """One record of `task-events`.

    `appended` is where the event was first appended: elsewhere, when it was `forwarded` to this partition.
    """

    offset: int
    appended: AppendPosition
    content: TaskEvent | Rejection
    forwarded: bool = False
