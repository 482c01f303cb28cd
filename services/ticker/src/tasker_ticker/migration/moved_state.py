"""PURE. What the ticker holds of a partition, in the form in which one that has other tasks, too, goes on from it.

Tasks of several old partitions meet in a new one, and each old one had come to a second of its own. So the new ones
begin at the latest of these seconds; what lies between an old one's and that is a gap, and each task says up to where
it is decided already: what an old partition had emitted is not emitted again, and what it had not is caught up.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tasker_core.messages.announcements import TaskSuccessors
from tasker_core.messages.base import encode
from tasker_core.ticker_state import BackfillState, RunMemory
from tasker_ticker.scheduling.memory.watermark import CatchUpGap, WatermarkPosition
from tasker_ticker.scheduling.state import StoredState

_PLACE: Final = re.compile(r"\d+-\d+")
"""The id of an event that bore none: in the new topics the same place is that of another event."""


class OldPartition(NamedTuple):
    """Where an old partition stands, and where its events end."""

    number: int
    position: WatermarkPosition
    events_end: int


class MovedRecord(NamedTuple):
    """A record of `ticker-state` or `chains`, and the task that says to which partition it belongs."""

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
        burst = position.burst_after
        decided = position.second + 1 if burst is not None and task.id <= burst else position.second
        if decided > task.since:
            task.decide_to(decided)
        task.recent_events = tuple(one for one in task.recent_events if not _PLACE.fullmatch(one))
        yield MovedRecord(task.id, f"task/{task.id}".encode(), task.to_state())
    for task_id, tombstone in stored.tombstones.items():
        yield MovedRecord(task_id, f"task/{task_id}".encode(), encode(tombstone))
    for task_id, alerts in stored.alerts.items():
        yield MovedRecord(task_id, f"alerts/{task_id}".encode(), encode(alerts))
    for name, group in stored.alert_groups.items():
        if group.changes:  # one group of each old partition: their names stay apart in the new one
            task_id = group.changes[0].task_id
            yield MovedRecord(task_id, f"alert-group/{name}-{task_id}".encode(), encode(group))
    memories: list[tuple[str, dict[str, RunMemory] | dict[str, BackfillState]]] = [
        ("run", stored.runs),
        ("backfill", stored.backfills),
    ]
    for kind, some in memories:
        for name, memory in some.items():
            yield MovedRecord(memory.task_id, f"{kind}/{name}".encode(), encode(memory))


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
