"""PURE. What the ticker holds of a partition, in the form in which one that has other tasks, too, goes on from it.

Tasks of several old partitions meet in a new one, and each old one had come to a second of its own. So the new ones
begin at the latest of these seconds; what lies between an old one's and that is a gap, and each task says up to where
it is decided already: what an old partition had emitted is not emitted again, and what it had not is caught up.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from tasker_core.calendars.calendar_days import entry_of
from tasker_core.messages.announcements import TaskSuccessors
from tasker_core.messages.base import encode
from tasker_core.ticker_state import BackfillState, CalendarVersion, RunMemory
from tasker_ticker.scheduling.memory.calendar_memory import told_to_all
from tasker_ticker.scheduling.memory.watermark import CatchUpGap, WatermarkPosition
from tasker_ticker.scheduling.stored_state import StoredState

_PLACE: Final = re.compile(r"\d+-\d+")
"""The id of an event that bore none: in the new topics the same place is that of another event."""


class OldPartition(NamedTuple):
    """Where an old partition stands, and where its events end."""

    number: int
    position: WatermarkPosition
    events_end: int


class MovedRecord(NamedTuple):
    """A record of `ticker-state`, `chains` or `calendars`, and the task that says to which partition it belongs.

    In its place the name of a calendar may stand.
    """

    task_id: str
    key: bytes
    value: bytes


def obstacle(partition: OldPartition) -> str | None:
    """Why a partition can't be moved yet, None when it can."""
    if partition.position.gaps:
        return (
            f"partition {partition.number} still works off an outage: start the tickers again, and wait until "
            "`catch_up` in its watermark is empty"
        )
    return None


def moved_records(position: WatermarkPosition, stored: StoredState) -> Iterator[MovedRecord]:
    """All that is held of a partition. Its tasks are changed by it."""
    for task in stored.tasks.values():
        decided = position.decided_of(task.id)
        if decided > task.since:
            task.decide_to(decided)
        task.recent_events = _named(task.recent_events)
        yield MovedRecord(task.id, f"task/{task.id}".encode(), task.to_state())
    for task_id, tombstone in stored.tombstones.items():
        yield MovedRecord(task_id, f"task/{task_id}".encode(), encode(tombstone))
    for name, calendar in stored.calendars.items():
        moved = replace(calendar, recent=_named(calendar.recent))
        yield MovedRecord(name, f"calendar/{name}".encode(), encode(moved))
    for task_id, alerts in stored.alerts.items():
        yield MovedRecord(task_id, f"alerts/{task_id}".encode(), encode(alerts))
    for name, group in stored.alert_groups.items():
        if group.changes:  # one of each old partition: the new one joins those of a target
            task_id = group.changes[0].task_id
            yield MovedRecord(task_id, f"alert-group/{name}-{task_id}".encode(), encode(group))
    memories: list[tuple[str, dict[str, RunMemory] | dict[str, BackfillState]]] = [
        ("run", stored.runs),
        ("backfill", stored.backfills),
    ]
    for kind, some in memories:
        for name, memory in some.items():
            yield MovedRecord(memory.task_id, f"{kind}/{name}".encode(), encode(memory))


def _named(events: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in events if not _PLACE.fullmatch(one))


def moved_versions(stored: StoredState, home: Callable[[str], int]) -> Iterator[tuple[int, bytes, bytes]]:
    """The versions of calendars that tasks are under: the partition to which some of these move, key and value."""
    homes: dict[tuple[str, int], set[int]] = {}
    for task in stored.tasks.values():
        for key in task.shared_schedule.versions:
            homes.setdefault(key, set()).add(home(task.id))
    for (name, version), partitions in homes.items():
        days = stored.schedules.days[name, version]
        value = encode(CalendarVersion(days=tuple(entry_of(one) for one in days.ranges)))
        for partition in sorted(partitions):
            yield partition, f"calendar-version/{name}/{version}".encode(), value


def moved_calendars(stored: StoredState) -> Iterator[MovedRecord]:
    """The calendars of a partition's own names, as all partitions read them."""
    for name, calendar in stored.calendars.items():
        if not calendar.deleted:
            yield MovedRecord(name, name.encode(), encode(told_to_all(name, calendar)))


def moved_links(stored: StoredState) -> Iterator[MovedRecord]:
    """Which tasks those of a partition start."""
    for task in stored.tasks.values():
        if successors := task.task.successors:
            value = encode(TaskSuccessors(task_id=task.id, successors=successors))
            yield MovedRecord(task.id, task.id.encode(), value)


def new_position(partitions: Sequence[OldPartition]) -> WatermarkPosition:
    """Where all new partitions begin: no version of theirs is one that an old partition has given or could give."""
    seconds = [one.position.second for one in partitions]
    base = max(one.position.base + max(one.events_end, one.position.next_offset) for one in partitions) + 1
    gaps = [CatchUpGap(min(seconds), max(seconds))] if min(seconds) < max(seconds) else []
    return WatermarkPosition(second=max(seconds), next_offset=0, base=base, gaps=gaps)
