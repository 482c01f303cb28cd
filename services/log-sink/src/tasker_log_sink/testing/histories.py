"""Tasks' lives as the ticker and executors write them, each topic in its order, and what must be known of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import strategies as st

from tasker_core.documents.revisions import RevisionDocument, order_key
from tasker_core.documents.tasks import TaskDocument
from tasker_core.messages.base import encode
from tasker_core.messages.verdicts import Finished, Missed, Removed
from tasker_log_sink.testing.messages import at, ended, finished, started, verdict, when

Topic = Literal["verdicts", "results"]


@dataclass
class History:
    """One task's life as it is written; `current` is its (generation, version), None while there is no task."""

    task_id: str
    time: int = 10
    told: int = 0
    """The last second that was told to be over: neither triggers nor what follows other runs tell it."""
    version: int = 0
    current: tuple[int, int] | None = None
    paused: bool = False
    over: bool = False
    created: int = 0
    topics: dict[Topic, list[bytes]] = field(default_factory=lambda: {"verdicts": [], "results": []})
    last: str | None = None
    outcome: str = "succeeded"
    runs: int = 0
    ends: list[tuple[int, int, str, str]] = field(default_factory=list[tuple[int, int, str, str]])
    """Of each run that has ended: its generation, when it was due, its id, and how."""
    backfilled: set[str] = field(default_factory=set[str])
    held_back: list[bytes] = field(default_factory=list[bytes])
    revisions: list[tuple[str, str, int]] = field(default_factory=list[tuple[str, str, int]])
    """Of each revision its id, the type of its event, and from when on it holds."""
    finished: dict[str, int] = field(default_factory=dict[str, int])
    """Of those of which nothing was left the last nominal time."""

    def next_at(self) -> str | None:
        return None if self.paused or self.over or self.current is None else at(self.time + 1)

    def event(self, event_type: str) -> None:
        """An event at a second of its own, as the ticker answers it."""
        self.time += 1
        self.version += 3
        if self.current is None and event_type != "put":
            rejected = verdict(
                self.task_id, self.version, 0, event_id=f"e{self.version}", verdict="rejected", task=None
            )
            self.topics["verdicts"].append(rejected)
            return
        trigger, delete = event_type == "trigger", event_type == "delete"
        if self.current is None:
            self.created, self.paused = self.time, False
        generation = self.current[0] if self.current else self.version
        version = self.current[1] if self.current and trigger else self.version
        self.paused = {"pause": True, "resume": False}.get(event_type, self.paused)
        self.over = self.over and event_type not in ("put", "delete")
        self.current = None if delete else (generation, version)
        if not trigger:
            self.told = self.time
            self.revisions.append((f"{self.task_id}/{version}", event_type, self.time))
        self.topics["verdicts"].append(
            verdict(
                self.task_id,
                version,
                self.time,
                event_id=f"e{self.version}",
                event_type=event_type,
                generation=generation,
                task=None if delete else {"paused": self.paused},
                next_at=self.next_at(),
            )
        )
        if trigger:
            self.run("manual")

    def run(
        self,
        kind: str = "scheduled",
        start: bool = False,
        retry: bool = False,
        twice: bool = False,
        cancelled: bool = False,
        outcome: str = "succeeded",
        slow: bool = False,
    ) -> None:
        """A run, due at a second of its own unless it was triggered."""
        if self.current is None or (kind == "scheduled" and self.paused):
            return
        if kind == "scheduled":
            self.time += 1
            self.told = self.time
        self.runs += 1
        self.last = f"{self.runs << 1:07x}{0:024x}{self.task_id}"
        more: dict[str, Any] = {"kind": kind, "generation": self.current[0], "next_at": self.next_at()}
        identity = (self.last, self.task_id, self.current[1], self.time)
        results = self.topics["results"]
        if start:
            results.append(started(*identity, **more))
        self.outcome = "cancelled" if cancelled else outcome
        self.ends.append((self.current[0], self.time, self.last, self.outcome))
        if kind == "backfill":
            self.backfilled.add(self.last)
        if retry or cancelled:
            results.append(finished(*identity, **more, outcome="failed", retry_at=at(self.time + 5)))
            more["attempt"] = 2
        if cancelled:
            self.topics["verdicts"].append(ended(*identity, kind=kind, generation=more["generation"]))
            return
        (self.held_back if slow else results).append(finished(*identity, **more, outcome=outcome))
        if twice:
            results.append(finished(*identity, **more, worker="other", outcome="failed"))

    def end_slow_runs(self) -> None:
        """What took long ends, the newest first."""
        self.topics["results"] += reversed(self.held_back)
        self.held_back = []

    def last_outcome(self) -> str | None:
        """How the newest run of this generation ended."""
        of_task = [end for end in sorted(self.ends) if self.current and end[0] == self.current[0]]
        return of_task[-1][3] if of_task else None

    def failures(self) -> int:
        """The runs of this generation that failed after the last one that succeeded."""
        found = 0
        for generation, _, run, outcome in sorted(self.ends):
            if run not in self.backfilled and self.current and generation == self.current[0]:
                found = 0 if outcome == "succeeded" else found + (outcome == "failed")
        return found

    def miss(self) -> None:
        """Two seconds in which nothing ran."""
        if self.current and not self.paused and not self.over:
            self.time += 2
            self.told = self.time
            generation, version = self.current
            gap = (at(self.time - 1), at(self.time))
            message = Missed(
                task_id=self.task_id,
                generation=generation,
                version=version,
                reason="coalesced",
                from_=gap[0],
                to=gap[1],
                next_at=self.next_at(),
            )
            self.topics["verdicts"].append(encode(message))

    def finish(self, slow: bool = False) -> None:
        """The last run, and that there is none after it."""
        if self.current and not self.paused and not self.over:
            self.over, generation, version = True, *self.current
            self.run("scheduled", slow=slow)
            self.finished[f"{self.task_id}/{version}"] = self.time
            self.topics["verdicts"].append(
                encode(
                    Finished(
                        task_id=self.task_id,
                        generation=generation,
                        version=version,
                        reason="once",
                        last_nominal=at(self.time),
                    )
                )
            )

    def remove(self) -> None:
        """The retention of a finished task is over."""
        if self.current and self.over:
            self.time += 1
            generation, version = self.current
            message = Removed(task_id=self.task_id, generation=generation, version=version, removed_at=at(self.time))
            self.revisions.append((f"{self.task_id}/{version}/removed", "removed", self.time))
            self.topics["verdicts"].append(encode(message))
            self.current, self.over = None, False

    def check_revisions(self, stored: Iterable[RevisionDocument]) -> None:
        """Compare the stored revisions of all tasks with what happened to this one."""
        own = sorted((one for one in stored if one["task_id"] == self.task_id), key=order_key)
        assert [(one["_id"], one["event_type"], one["effective_from"]) for one in own] == [
            (one, event_type, when(time)) for one, event_type, time in self.revisions
        ]
        followed = [when(time) for _, _, time in self.revisions[1:]]
        assert [one["superseded_at"] for one in own] == [*followed, None]
        finished = {one["_id"]: one["finished"]["last_nominal"] for one in own if one["finished"]}
        assert finished == {one: when(time) for one, time in self.finished.items()}

    def check(self, task: TaskDocument) -> None:
        """Compare what is stored with what happened."""
        assert task["deleted"] == (self.current is None)
        assert (task["last_run"]["run_id"] if task["last_run"] else None) == self.last
        if self.last is not None:
            assert task["last_run"] is not None
            assert task["last_run"]["state"] == self.outcome
        if self.current is not None:
            assert (task["generation"], task["version"]) == self.current
            assert task["failures"] == len(task["streak"]["failed"]) == self.failures()
            assert task["last_outcome"] == self.last_outcome()
            assert task["state"] == ("paused" if self.paused else "finished" if self.over else "active")
            assert task["created_at"] == when(self.created)
            assert task["next_at"] == (None if self.paused or self.over else when(self.told + 1))


ACTIONS: list[Callable[[History], object]] = [
    *(lambda h, e=event: h.event(e) for event in ("put", "put", "delete", "pause", "resume", "trigger")),
    lambda h: h.over or h.run(),
    lambda h: h.over or h.run(start=True),
    lambda h: h.over or h.run(retry=True),
    lambda h: h.over or h.run(twice=True),
    lambda h: h.over or h.run(start=True, cancelled=True),
    *(lambda h: h.over or h.run(outcome="failed") for _ in range(3)),
    lambda h: h.over or h.run(outcome="failed", slow=True),
    lambda h: h.over or h.run(slow=True),
    lambda h: h.over or h.run(outcome="skipped"),
    lambda h: h.over or h.run("backfill", outcome="failed"),
    History.end_slow_runs,
    History.miss,
    History.finish,
    lambda h: h.finish(slow=True),
    History.remove,
]


@st.composite
def histories(draw: st.DrawFn) -> list[History]:
    """Two tasks' lives, each begun with a put."""
    found = [History("a"), History("b")]
    for history in found:
        history.event("put")
        for action in draw(st.lists(st.sampled_from(ACTIONS), max_size=14)):
            action(history)
        history.end_slow_runs()
    return found
