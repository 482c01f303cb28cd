"""What the simulated broker holds in the end, raw: the events of a partition and the turns that were committed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec

from tests.simulation.cluster.broker import Broker, Entry, Transaction
from tests.simulation.oracle.invariants import hold
from tests.simulation.oracle.reference_calendar import second

Body = dict[str, Any]


@dataclass(slots=True)
class Turn:
    """One committed transaction: what it wrote, decoded; `ms` is when it became visible."""

    ms: int
    epoch: int
    mark: Body
    due: list[Body] = field(default_factory=list[Body])
    background: list[Body] = field(default_factory=list[Body])
    verdicts: list[Body] = field(default_factory=list[Body])

    @property
    def time(self) -> int:
        """The second of its watermark."""
        return second(self.mark["time"])

    @property
    def deciding(self) -> int:
        """The second that it has decided, in part at least."""
        return self.time + ("burst" in self.mark)

    def decided(self, task: str) -> int:
        """The second up to which it has decided a task: of a burst that is cut, the first tasks are out already."""
        return self.time + (task <= self.mark.get("burst", {}).get("after_task", ""))


@dataclass(slots=True)
class Happening:
    """One record of `task-events`; `body` is None when nobody can tell which task it is about.

    `append` is where it was first appended: (ms, partition, offset). `contradicted`: its key is not the task's id.
    """

    offset: int
    ms: int
    body: Body | None
    task: str
    append: tuple[int, int, int]
    forwarded: bool
    contradicted: bool

    @property
    def id(self) -> str:
        """The id of the event."""
        assert self.body is not None
        return self.body.get("id") or f"{self.append[1]}-{self.append[2]}"


def turns_of(broker: Broker, partition: int) -> list[Turn]:
    """The turns of a partition, in the order in which they became visible. Each must be whole."""
    parts: dict[Transaction, dict[str, list[Entry]]] = {}
    for topic in ("watermarks", "due-tasks", "due-background", "verdicts"):
        for entry in broker.log(f"tasker.{topic}", partition).entries:
            if entry.committed:
                transaction = entry.transaction
                assert transaction is not None, "only turns write these topics"
                if transaction.state == "committed":
                    parts.setdefault(transaction, {}).setdefault(topic, []).append(entry)
    found: list[Turn] = []
    for transaction, written in sorted(parts.items(), key=lambda item: item[0].sequence):
        marks = written.get("watermarks", [])
        told = f"partition {partition}, transaction ended at {transaction.ended_ms}: {len(marks)} watermarks"
        hold(len(marks) == 1, "whole turns, one after the other", told)
        turn = Turn(transaction.ended_ms, transaction.epoch, _body(marks[0]))
        turn.due = [_body(entry) for entry in written.get("due-tasks", ())]
        turn.background = [_body(entry) for entry in written.get("due-background", ())]
        turn.verdicts = [_body(entry) for entry in written.get("verdicts", ())]
        found.append(turn)
    return found


def happenings(broker: Broker, partition: int) -> Iterator[Happening]:
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
        body, task = _named(entry)
        contradicted = entry.key is not None and entry.key != task.encode()
        yield Happening(entry.offset, entry.ms, body, task, append, forwarded, contradicted)


def _named(entry: Entry) -> tuple[Body | None, str]:
    try:
        body = msgspec.json.decode(entry.value or b"")
    except msgspec.DecodeError:
        return None, ""
    if not isinstance(body, dict):
        return None, ""
    found = cast("Body", body)
    task = found.get("task", {}).get("id") or found.get("task_id") or found.get("run", {}).get("task_id")
    task = task or (entry.key or b"").decode()
    return (found, task) if task else (None, "")


def _body(entry: Entry) -> Body:
    return msgspec.json.decode(entry.value or b"null")
