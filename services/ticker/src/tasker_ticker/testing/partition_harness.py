"""PURE. A partition without Kafka, for tests: the scheduler driven by hand, and what it has written."""

from collections import Counter
from typing import Any

import msgspec

from tasker_core.events.forwarding import AppendPosition
from tasker_core.events.task_event import parse_event
from tasker_core.messages import decode_watermark
from tasker_core.time.instant import parse_second
from tasker_ticker.scheduling.batch import Turn
from tasker_ticker.scheduling.memory.watermark import Position
from tasker_ticker.scheduling.scheduler import Incoming, Place, Scheduler
from tasker_ticker.scheduling.state import Memory, State

NOON = 1_767_268_800
"""2026-01-01T12:00:00Z; times of the model are told in seconds after it."""


class Model:
    """One partition. `topics` holds what was committed, decoded, in order; `memory` is the compacted state.

    `writes` counts how often each key of it was written.
    """

    def __init__(self, now: int = 0) -> None:
        self.topics: dict[str, list[dict[str, Any]]] = {"due-tasks": [], "due-background": [], "verdicts": []}
        self.memory: dict[str, bytes] = {}
        self.writes: Counter[str] = Counter()
        self.watermark = b""
        self._offset = 0
        self._inbox: list[Incoming] = []
        self.scheduler = Scheduler(Place(0, 1, "model"), State(Position(second=NOON + now), Memory()))

    def send(self, appended: float, **event: Any) -> None:
        """Append one event in the short form, at a second after noon."""
        self.append(appended, event)

    def append(
        self, appended: float, event: dict[str, Any], key: bytes | None = None, sent_on: tuple[int, int] | None = None
    ) -> None:
        """Append one event in the short form; one that was sent on lay at a partition and offset elsewhere before."""
        content = parse_event(msgspec.json.encode(event), [], key)
        appended_at = AppendPosition(int((NOON + appended) * 1000), *(sent_on or (0, self._offset)))
        self._inbox.append(Incoming(self._offset, appended_at, content, forwarded=sent_on is not None))
        self._offset += 1

    def put(self, appended: float, task: str, schedule: dict[str, Any], **options: Any) -> None:
        """Append a put of a task; `id` and `if_version` belong to the event, the rest to the task."""
        envelope = {name: options.pop(name) for name in ("id", "if_version") if name in options}
        self.send(appended, type="put", task={"id": task, "schedule": schedule, **options}, **envelope)

    def turn(self, now: float, *, recovering: bool = False) -> Turn:
        """One turn at a second after noon, committed."""
        turn = self.scheduler.turn(int((NOON + now) * 1000), self._inbox, recovering=recovering)
        del self._inbox[: turn.events]
        for key, value in turn.records.pop("ticker-state", []):
            self.writes[key.decode()] += 1
            self.memory.pop(key.decode(), None)
            if value is not None:
                self.memory[key.decode()] = value
        for stream, pairs in turn.records.items():
            self.topics[stream] += [msgspec.json.decode(value or b"") for _, value in pairs]
        self.watermark = turn.watermark
        return turn

    def tick(self, to: int) -> None:
        """A turn in every second after the watermark up to `to`."""
        for second in range(self.scheduler.state.position.second - NOON + 1, to + 1):
            self.turn(second)

    def settle(self, now: float, *, recovering: bool = False) -> None:
        """Turn until nothing is left to do at this time; a recovery ends when its events are applied."""
        while self._inbox and recovering:
            self.turn(now, recovering=True)
        while self.turn(now).more or self._inbox or self.scheduler.state.position.gaps:
            pass

    def restart(self) -> None:
        """Throw the owner away and restore from what is written."""
        memory = Memory()
        for key, value in self.memory.items():
            memory.recall(key.encode(), value)
        position = Position.of(decode_watermark(self.watermark))
        self.scheduler = Scheduler(Place(0, 1, "model"), State(position, memory))

    def fired(self, task: str, lane: str = "due-tasks") -> list[int]:
        """The nominal seconds after noon of a task's runs in a lane."""
        return [after_noon(run["nominal_at"]) for run in self.topics[lane] if run["task_id"] == task]

    def told(self, kind: str = "verdict") -> list[dict[str, Any]]:
        """The records of one type in `verdicts`."""
        return [record for record in self.topics["verdicts"] if record["type"] == kind]

    def missed(self, task: str) -> list[tuple[int, int, str]]:
        """The missed ranges of a task: (first, last, reason)."""
        ranges = [record for record in self.told("missed") if record["task_id"] == task]
        return [(after_noon(r["from"]), after_noon(r["to"]), r["reason"]) for r in ranges]


def after_noon(text: str) -> int:
    """Seconds after noon of an instant on the wire."""
    return parse_second(text) - NOON
