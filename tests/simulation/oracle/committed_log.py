"""What the simulated broker holds in the end, raw: the events of a partition and the batches that were committed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec

from tests.simulation.cluster.broker import BrokerTransaction, LogEntry, SimulatedBroker
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.reference_calendar import second

Body = dict[str, Any]
_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(slots=True)
class CommittedBatch:
    """One committed transaction: what it wrote, decoded; `ms` is when it became visible."""

    ms: int
    epoch: int
    watermark: Body
    due: list[Body] = field(default_factory=list[Body])
    background: list[Body] = field(default_factory=list[Body])
    verdicts: list[Body] = field(default_factory=list[Body])
    alerts: list[Body] = field(default_factory=list[Body])
    links: list[tuple[str, Body | None]] = field(default_factory=list[tuple[str, Body | None]])
    calendars: list[tuple[str, Body | None]] = field(default_factory=list[tuple[str, Body | None]])

    @property
    def time(self) -> int:
        """The second of its watermark."""
        return second(self.watermark["time"])

    @property
    def deciding(self) -> int:
        """The second that it has decided, in part at least."""
        return self.time + ("burst" in self.watermark)

    def decided(self, task_id: str) -> int:
        """The second up to which it has decided a task: of a burst that is cut, the first tasks are emitted already."""
        return self.time + (task_id <= self.watermark.get("burst", {}).get("after_task", ""))


@dataclass(slots=True)
class LoggedEvent:
    """One record of `task-events`; `body` is None when it is no JSON object. `nameless`: it names no task.

    `append` is where it was first appended: (ms, partition, offset). `contradicted`: its key is not the task's id.
    """

    offset: int
    ms: int
    body: Body | None
    task_id: str
    append: tuple[int, int, int]
    forwarded: bool
    contradicted: bool
    nameless: bool

    @property
    def about_calendar(self) -> bool:
        """Whether it is about a calendar, whose name `task_id` is then."""
        return (self.body or {}).get("type") in ("calendar", "calendar-delete")

    @property
    def id(self) -> str:
        """The id of the event."""
        return (self.body or {}).get("id") or f"{self.append[1]}-{self.append[2]}"


def committed_batches(broker: SimulatedBroker, partition: int) -> list[CommittedBatch]:
    """The batches of a partition, in the order in which they became visible. Each must be whole."""
    by_transaction: dict[BrokerTransaction, dict[str, list[LogEntry]]] = {}
    for topic in ("watermarks", "due-tasks", "due-background", "verdicts", "chains", "calendars"):
        for entry in broker.log(f"tasker.{topic}", partition).entries:
            if entry.committed:
                transaction = entry.transaction
                assert transaction is not None, "only batches write these topics"
                if transaction.state == "committed":
                    by_transaction.setdefault(transaction, {}).setdefault(topic, []).append(entry)
    found: list[CommittedBatch] = []
    for transaction, written in sorted(by_transaction.items(), key=lambda item: item[0].sequence):
        marks = written.get("watermarks", [])
        detail = f"partition {partition}, transaction ended at {transaction.ended_ms}: {len(marks)} watermarks"
        require(len(marks) == 1, Invariant.WHOLE_BATCHES, detail)
        batch = CommittedBatch(transaction.ended_ms, transaction.epoch, _body(marks[0]))
        batch.due = [_body(entry) for entry in written.get("due-tasks", ())]
        background = [_body(entry) for entry in written.get("due-background", ())]
        batch.alerts = [body for body in background if body.get("kind") == "alert"]
        batch.background = [body for body in background if body.get("kind") != "alert"]
        batch.verdicts = [_body(entry) for entry in written.get("verdicts", ())]
        batch.links = [((entry.key or b"").decode(), _body(entry)) for entry in written.get("chains", ())]
        batch.calendars = [((entry.key or b"").decode(), _body(entry)) for entry in written.get("calendars", ())]
        found.append(batch)
    return found


def logged_events(broker: SimulatedBroker, partition: int) -> Iterator[LoggedEvent]:
    """The events of a partition, in order."""
    for entry in broker.log("tasker.task-events", partition).entries:
        headers = dict(entry.headers)
        append = (entry.ms, partition, entry.offset)
        if forwarded := "tasker_offset" in headers:
            append = (
                int(headers["tasker_appended_ms"]),
                int(headers["tasker_partition"]),
                int(headers["tasker_offset"]),
            )
        body, task_id = _body_and_task(entry)
        contradicted = entry.key is not None and entry.key != task_id.encode()
        nameless = body is None or not _TASK_ID.fullmatch(task_id)
        yield LoggedEvent(entry.offset, entry.ms, body, task_id, append, forwarded, contradicted, nameless)


def stored_keys(broker: SimulatedBroker, partition: int, kind: str) -> set[str]:
    """The keys of one kind that a partition keeps something under in the end."""
    kept: dict[str, bool] = {}
    for entry in broker.log("tasker.ticker-state", partition).committed():
        kept[(entry.key or b"").decode()] = entry.value is not None
    return {key for key, is_there in kept.items() if is_there and key.startswith(f"{kind}/")}


def _body_and_task(entry: LogEntry) -> tuple[Body | None, str]:
    try:
        body = msgspec.json.decode(entry.value or b"")
    except msgspec.DecodeError:
        return None, (entry.key or b"").decode()
    if not isinstance(body, dict):
        return None, (entry.key or b"").decode()
    found = cast("Body", body)
    calendar: Any = found.get("calendar")
    name = cast("Body", calendar).get("name") if isinstance(calendar, dict) else calendar
    task_id: str | None = (
        name or found.get("task", {}).get("id") or found.get("task_id") or found.get("run", {}).get("task_id")
    )
    return found, task_id or (entry.key or b"").decode()


def _body(entry: LogEntry) -> Body:
    return msgspec.json.decode(entry.value or b"null")
