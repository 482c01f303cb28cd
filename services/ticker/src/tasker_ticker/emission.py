"""PURE. The records a turn writes, built from what is held."""

import msgspec

from tasker_core.ids import Kind, run_id
from tasker_core.instant import rfc3339, rfc3339_second
from tasker_core.messages import Finished, Missed, Removed, Run, Verdict, encode
from tasker_core.schedule import NEVER
from tasker_ticker.catch_up import Span
from tasker_ticker.records import Held
from tasker_ticker.turn import Stream, Turn


def instant(second: int) -> str | None:
    """The wire form of an epoch second, None for NEVER."""
    return rfc3339_second(second) if second < NEVER else None


class Emission:
    """Adds typed records to a turn. `now_ms` is the time of the turn (`emitted_at`)."""

    def __init__(self, turn: Turn, now_ms: int) -> None:
        self.turn, self.now = turn, now_ms // 1000
        self._emitted_at = rfc3339(now_ms)

    def run(
        self,
        task: Held,
        nominal: int,
        *,
        kind: Kind = "scheduled",
        event_id: str = "",
        payload: bytes | None = None,
        stream: Stream = "due-tasks",
    ) -> str:
        """One run to do now; returns its id. `payload` is JSON instead of the task's own."""
        identity = run_id(task.id, task.generation, kind, nominal, event_id)
        at = rfc3339_second(nominal)
        record = Run(
            run_id=identity,
            task_id=task.id,
            task_name=task.name,
            generation=task.generation,
            version=task.version,
            kind=kind,
            nominal_at=at,
            effective_at=at,
            emitted_at=self._emitted_at,
            next_at=instant(task.next_due),
            handler=task.handler,
            payload=msgspec.Raw(payload if payload is not None else task.payload),
            policy=task.policy,
        )
        self.turn.add(stream, task.id, encode(record))
        self.turn.runs += 1
        return identity

    def missed(self, task: Held, span: Span) -> None:
        """Occurrences that do not run, and why."""
        record = Missed(
            task_id=task.id,
            generation=task.generation,
            version=task.version,
            reason=span.reason,
            from_=rfc3339_second(span.first),
            to=rfc3339_second(span.last),
            next_at=instant(task.next_due),
        )
        self.turn.add("verdicts", task.id, encode(record))
        self.turn.missed[span.reason] = self.turn.missed.get(span.reason, 0) + 1

    def finished(self, task: Held, last_nominal: int) -> None:
        """A task that has no occurrence left."""
        record = Finished(
            task_id=task.id,
            generation=task.generation,
            version=task.version,
            reason="once",
            last_nominal=rfc3339_second(last_nominal),
        )
        self.turn.add("verdicts", task.id, encode(record))

    def removed(self, task: Held) -> None:
        """A finished task whose retention is over."""
        record = Removed(task_id=task.id, generation=task.generation, version=task.version)
        self.turn.add("verdicts", task.id, encode(record))

    def verdict(self, verdict: Verdict) -> None:
        """The answer to an event."""
        self.turn.add("verdicts", verdict.task_id, encode(verdict))
        self.turn.verdicts[verdict.verdict] = self.turn.verdicts.get(verdict.verdict, 0) + 1

    def remember(self, task: Held) -> None:
        """Keep a task in the ticker's memory."""
        self.turn.add("ticker-state", f"task/{task.id}", task.state())

    def forget(self, task_id: str) -> None:
        """Drop a task from the ticker's memory."""
        self.turn.add("ticker-state", f"task/{task_id}", None)
