"""For tests: a partition without Kafka. The scheduler is driven by hand, and what it writes is kept."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from tasker_core.chains.graph import ChainGraph
from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.events.task_event import parse_event
from tasker_core.handlers.built_in import payload_errors
from tasker_core.messages.calendars import CalendarDefined
from tasker_core.messages.watermark import decode_watermark
from tasker_core.time.instant import parse_second, rfc3339_second
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.memory.calendar_table import CalendarTable, NewestCalendar
from tasker_ticker.scheduling.memory.watermark import WatermarkPosition
from tasker_ticker.scheduling.scheduler import Scheduler
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent, SchedulerConfig
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.scheduling.state import PartitionState
from tasker_ticker.scheduling.stored_state import StoredState

NOON = 1_767_268_800
"""2026-01-01T12:00:00Z; times are given in seconds after it."""
BACKGROUND_RATE = 1_000


class CalendarBoard:
    """The calendars of all partitions, changed by hand."""

    is_connected = True

    def __init__(self) -> None:
        self.table = CalendarTable()

    @property
    def calendar_mark(self) -> object:
        """As AllCalendars says."""
        return self.table.mark

    def find_calendar(self, name: str) -> NewestCalendar | None:
        """As AllCalendars says."""
        return self.table.by_name.get(name)

    def calendar_names(self) -> list[str]:
        """As AllCalendars says."""
        return sorted(self.table.by_name)

    def define(self, name: str, version: int, *days: str, since: int = 0) -> None:
        """Another partition has written a calendar, which holds from a second after noon on."""
        at = rfc3339_second(NOON + since)
        message = CalendarDefined(name=name, version=version, days=days, effective_from=at)
        self.table.apply(name.encode(), msgspec.json.encode(message))


class PartitionHarness:
    """One partition. `topics` holds what was committed, decoded, in order; `stored` is the compacted state.

    `writes` counts how often each key of it was written, `links` is what was written to `chains`. It is partition 0 of
    `partitions`.
    """

    def __init__(
        self,
        now: int = 0,
        limits: SchedulingLimits | None = None,
        background_rate: int = BACKGROUND_RATE,
        partitions: int = 1,
    ) -> None:
        self.topics: dict[str, list[dict[str, Any]]] = {"due-tasks": [], "due-background": [], "verdicts": []}
        self.links: list[tuple[str, bytes | None]] = []
        self.stored: dict[str, bytes] = {}
        self.writes: Counter[str] = Counter()
        self.watermark = b""
        self._offset = 0
        self._inbox: list[IncomingEvent] = []
        self.chains = ChainGraph()
        """What other partitions say of chains."""
        self.calendars = CalendarBoard()
        """What the topic `calendars` says; `commit` adds what this partition writes."""
        self._config = SchedulerConfig(
            0, partitions, "harness", payload_errors, self.chains, self.calendars, background_rate
        )
        self._limits = limits or SchedulingLimits()
        self.scheduler = self._scheduler(WatermarkPosition(second=NOON + now), StoredState())

    def _scheduler(self, position: WatermarkPosition, stored: StoredState) -> Scheduler:
        state = PartitionState(position, stored, self._limits)
        for _ in state.schedule_restored():
            pass
        return Scheduler(self._config, state)

    def send(self, appended: float, **event: Any) -> None:
        """Append one event in the short form, at a second after noon."""
        self.append(appended, event)

    def append(
        self,
        appended: float,
        event: dict[str, Any],
        key: bytes | None = None,
        origin: tuple[int, int] | None = None,
        traceparent: str | None = None,
    ) -> None:
        """Append one event in the short form; `origin` of a forwarded one is its partition and offset before."""
        headers = [] if traceparent is None else [("traceparent", traceparent.encode())]
        content = parse_event(msgspec.json.encode(event), headers, key)
        position = AppendPosition(int((NOON + appended) * 1000), *(origin or (0, self._offset)))
        self._inbox.append(IncomingEvent(self._offset, position, content, forwarded=origin is not None))
        self._offset += 1

    def receive(self, event: IncomingEvent) -> None:
        """Append one event that was decoded; it gets the next offset."""
        self._inbox.append(replace(event, offset=self._offset))
        self._offset += 1

    def put(self, appended: float, task: str, schedule: dict[str, Any], **options: Any) -> None:
        """Append a put of a task; `id` and `if_version` belong to the event, the rest to the task."""
        envelope = {name: options.pop(name) for name in ("id", "if_version") if name in options}
        self.send(appended, type="put", task={"id": task, "schedule": schedule, **options}, **envelope)

    def commit(
        self, now: float, *, recovering: bool = False, is_spent: Callable[[], bool] = lambda: False
    ) -> TransactionBatch:
        """The next batch at a second after noon, committed."""
        batch = self.scheduler.next_batch(
            int((NOON + now) * 1000), self._inbox, recovering=recovering, is_spent=is_spent
        )
        del self._inbox[: batch.events]
        for key, value in batch.records.pop("ticker-state", []):
            assert key is not None, "all memory is kept by its key"
            self.writes[key.decode()] += 1
            self.stored.pop(key.decode(), None)
            if value is not None:
                self.stored[key.decode()] = value
        self.links += [((key or b"").decode(), value) for key, value in batch.records.pop("chains", [])]
        for key, value in batch.records.pop("calendars", []):
            self.calendars.table.apply(key, value)
        for topic, pairs in batch.records.items():
            self.topics[topic] += [msgspec.json.decode(value or b"") for _, value in pairs]
        self.watermark = batch.watermark
        return batch

    def tick(self, to: int) -> None:
        """A batch in every second after the watermark up to `to`."""
        for second in range(self.scheduler.state.position.second - NOON + 1, to + 1):
            self.commit(second)

    def settle(self, now: float, *, recovering: bool = False) -> None:
        """Commit until nothing is left to do at this time; a recovery ends when its events are applied."""
        while self._inbox and recovering:
            self.commit(now, recovering=True)
        scheduler = self.scheduler
        while (
            self.commit(now).has_more
            or self._inbox
            or scheduler.state.position.gaps
            or scheduler.handover.is_unfinished
        ):
            pass

    def restart(self, limits: SchedulingLimits | None = None) -> None:
        """Discard the owner and restore another one from what is written, with other limits if they are given."""
        self._limits = limits or self._limits
        stored = StoredState()
        for key, value in self.stored.items():
            stored.apply(key.encode(), value)
        self.scheduler = self._scheduler(WatermarkPosition.from_message(decode_watermark(self.watermark)), stored)

    def fired(self, task: str, lane: str = "due-tasks") -> list[int]:
        """The nominal seconds after noon of a task's runs in a lane."""
        return [after_noon(run["nominal_at"]) for run in self.topics[lane] if run["task_id"] == task]

    def verdicts(self, kind: str = "verdict") -> list[dict[str, Any]]:
        """The records of one type in `verdicts`."""
        return [record for record in self.topics["verdicts"] if record["type"] == kind]

    def missed(self, task: str) -> list[tuple[int, int, str]]:
        """The missed ranges of a task: (first, last, reason)."""
        ranges = [record for record in self.verdicts("missed") if record["task_id"] == task]
        return [(after_noon(r["from"]), after_noon(r["to"]), r["reason"]) for r in ranges]


def after_noon(text: str) -> int:
    """Seconds after noon of an instant on the wire."""
    return parse_second(text) - NOON
