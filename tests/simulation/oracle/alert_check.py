"""The oracle's own view of alerts: which changes must be told, from the events in their order, and which were.

What has failed and recovered is known exactly; of lateness and misses, what may and what must be told.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from tests.simulation.limits import ALERT_PAUSE_SECONDS
from tests.simulation.oracle.committed_log import CommittedBatch, LoggedEvent
from tests.simulation.oracle.failure_streak_check import failure_streak
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.reference_calendar import duration, second
from tests.simulation.oracle.task_model import TaskModel

Body = dict[str, Any]
Told = tuple[str, str, int]
"""A topic that is told of a task, by its id and generation."""
SETTLED_SECONDS = 10
"""What happened later than that before the end need not be told yet."""


class Change(NamedTuple):
    """One change that is told to a target."""

    word: str
    run_id: str
    failures: int
    reminder: bool


@dataclass(slots=True)
class AlertModel:
    """Of one task in one generation: the runs that failed since it fails, and all that ever have."""

    failing: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    ever: set[str] = field(default_factory=set[str])
    again: bool = False


class AlertCheck:
    """That of one partition. `steady`: no clock was stepped; `exact`: no answer was slow either."""

    def __init__(self, *, steady: bool, exact: bool, end_ms: int) -> None:
        self._steady, self._exact, self._end = steady, exact, end_ms // 1000
        self._models = defaultdict[tuple[str, int], AlertModel](AlertModel)
        self._expected = defaultdict[Told, list[tuple[Change, int]]](list)
        self._told = defaultdict[Told, list[Body]](list)
        self._sent = dict[str, int]()
        self._ends = dict[str, int]()
        self._heard = set[str]()
        self._notify = dict[tuple[str, int], tuple[list[Body], int]]()
        self._runs, self._given_up = dict[str, Body](), set[str]()
        self._uncertain = set[tuple[str, int]]()
        self._missed, self._alive = list[tuple[Body, list[Body]]](), set[tuple[str, int]]()

    def outcome(self, model: TaskModel | None, event: LoggedEvent, *, paused: bool) -> None:
        """An outcome was applied, which pauses the task or not."""
        body = event.body or {}
        self._heard.add(body["run_id"])
        if not event.forwarded:
            self._ends.setdefault(body["run_id"], event.ms)
        if model is None or body["generation"] != model.generation or not (notify := model.body.get("notify")):
            return
        if {word for entry in notify for word in entry["on"]} & {"failed", "recovered"}:
            self._count(model, body, event.ms // 1000)
        if paused:
            failures = len(failure_streak(model))
            self._expect(model, Change("paused", body["run_id"], failures, reminder=False), event.ms // 1000)

    def given_up(self, model: TaskModel | None, record: Body, at: int) -> None:
        """The ticker has ended a run at a second."""
        if model is None or record["generation"] != model.generation or record.get("kind") == "backfill":
            return
        if {word for entry in model.body.get("notify", ()) for word in entry["on"]} & {"failed", "recovered"}:
            self._count(model, record, at)

    def _count(self, model: TaskModel, body: Body, at: int) -> None:
        run, state = (second(body["effective_at"]), body["run_id"]), self._models[model.key]
        if run[1] in state.ever:
            return
        if body["outcome"] == "failed":
            state.ever.add(run[1])
            state.failing.append(run)
            if len(state.failing) == 1 or state.again:
                told = Change("failed", run[1], len(state.failing), reminder=len(state.failing) > 1)
                self._expect(model, told, at)
            state.again = False
        elif body["outcome"] == "succeeded" and state.failing and run > max(state.failing):
            self._expect(model, Change("recovered", run[1], len(state.failing), reminder=False), at)
            state.failing, state.again = [], False

    def _expect(self, model: TaskModel, change: Change, at: int) -> None:
        for topic in {entry["kafka"]["topic"] for entry in model.body["notify"] if _concerns(entry, change.word)}:
            self._expected[topic, *model.key].append((change, at))

    def define(self, before: Body | None, model: TaskModel, event: LoggedEvent) -> None:
        """An event was accepted that may have changed a task; `before` is None for a new one."""
        notify, state, kind = model.body.get("notify", []), self._models[model.key], (event.body or {})["type"]
        if before is None or before.get("notify", []) != notify:
            self._notify[model.key] = notify, model.version
        if before is None or not notify:
            self._models[model.key] = AlertModel()
        elif not {word for entry in notify for word in entry["on"]} & {"failed", "recovered"}:
            state.failing, state.again = [], False
        elif kind == "resume" or (kind == "put" and _work(before) != _work(model.body)):
            state.again = bool(state.failing)

    def add(self, batch: CommittedBatch, tasks: Mapping[str, TaskModel]) -> None:
        """What a batch has emitted, missed, given up and told; its events have been applied."""
        for body in (*batch.due, *batch.background):
            if body["type"] == "run" and body.get("attempt", 1) == 1 and body.get("kind") != "backfill":
                self._runs[body["run_id"]] = body
        for record in batch.verdicts:
            if record["type"] == "removed":  # in the order of the log, or just before an end that the batch applied
                self._uncertain.add((record["task_id"], record["generation"]))
            if record["type"] == "ended":
                self._given_up.add(record["run_id"])
            model = tasks.get(record["task_id"])
            if record["type"] == "missed" and record["reason"] != "deleted" and model is not None:
                self._missed.append((record, model.body.get("notify", [])))
        for run in batch.alerts:
            self._add_message(run)

    def _add_message(self, run: Body) -> None:
        topic, message = run["payload"]["topic"], run["payload"]["value"]
        require(message["id"] == run["run_id"], Invariant.ALERTS, f"{run} delivers {message}")
        at, before = second(run["nominal_at"]), self._sent.get(topic)
        if before is not None and self._steady:
            soon = f"{topic} was told {at - before} s after the last message: {message}"
            require(at - before >= ALERT_PAUSE_SECONDS - 1, Invariant.ALERTS, soon)
        self._sent[topic] = at
        for change in message["changes"]:
            self._told[topic, change["task_id"], change["generation"]].append(change)

    def check_end(self, tasks: Mapping[str, TaskModel]) -> None:
        """In the end, all that had to be told was, and nothing else; of tasks that are gone no lateness had to be."""
        self._alive = {model.key for model in tasks.values()}
        for key in sorted(self._expected.keys() | self._told.keys() | self._told_by_now()):
            self._check_exact(key)
            self._check_lateness(key)
        self._check_misses()

    def _told_by_now(self) -> set[Told]:
        return {(entry["kafka"]["topic"], *key) for key, (notify, _) in self._notify.items() for entry in notify}

    def _check_exact(self, key: Told) -> None:
        of_ends = [
            one for one in self._told[key] if one["change"] in ("failed", "paused") or one.get("after") == "failed"
        ]
        told, expected = [_change(one) for one in of_ends], [change for change, _ in self._expected[key]]
        settled = sum(1 for _, at in self._expected[key] if at < self._end - SETTLED_SECONDS)
        settled = 0 if key[1:] in self._uncertain else settled
        right = told == expected[: len(told)] and len(told) >= settled
        require(right, Invariant.ALERTS, f"{key} was told {told}, not {expected}")

    def _check_lateness(self, key: Told) -> None:
        topic, *task = key
        notify, version = self._notify.get((key[1], key[2]), ([], 0))
        entries = [one for one in notify if one["kafka"]["topic"] == topic and "late" in one["on"]]
        for late in sorted({entry["late"] for entry in entries}):
            of_late = [one for one in self._told[key] if one.get("late") == late]
            told = [one for one in of_late if one["version"] >= version]
            if any("recovered" in entry["on"] for entry in entries if entry["late"] == late):
                words = [one["change"] for one in told]
                again = f"{task} told {topic} the same of {late} again: {told}"
                require(all(one != other for one, other in pairwise(words)), Invariant.ALERTS, again)
            self._check_late_runs(key, late, told, version)

    def _check_late_runs(self, key: Told, late: str, told: list[Body], version: int) -> None:
        runs = [one["run_id"] for one in told if one["change"] == "late"]
        require(len(runs) == len(set(runs)), Invariant.ALERTS, f"{key} was told twice that a run is late: {told}")
        for one in told:
            if one["change"] == "late" and self._exact:
                deadline, ended = second(one["due_at"]) + duration(late), self._ends.get(one["run_id"])
                in_time = ended is not None and ended <= deadline * 1000
                require(not in_time, Invariant.ALERTS, f"{key}: {one}, but it ended at {ended}")
        for body in self._never_ended(key) if key[1:] in self._alive else ():
            found = max(second(body["effective_at"]) + duration(late), second(body["emitted_at"]) + 1)
            if body["version"] >= version and found < self._end - SETTLED_SECONDS:
                # An end that is read after an outage may tell a later run first: the task is late, and that is told.
                known = any(
                    one["change"] == "late" and (second(one["at"]) <= found or one["due_at"] > body["effective_at"])
                    for one in told
                )
                untold = f"{key}: {body} has never ended, and nobody was told that it is late: {told}"
                require(known, Invariant.ALERTS, untold)

    def _never_ended(self, key: Told) -> Iterator[Body]:
        """The runs of a task of whose end nobody ever heard."""
        for run_id, body in self._runs.items():
            heard = run_id in self._heard or run_id in self._given_up
            if (body["task_id"], body["generation"]) == key[1:] and not heard:
                yield body

    def _check_misses(self) -> None:
        for record, notify in self._missed:
            for entry in notify:
                key = (entry["kafka"]["topic"], record["task_id"], record["generation"])
                told = [one for one in self._told[key] if one["change"] == "missed"]
                defined = self._notify.get(key[1:], ([], 0))  # a change of who is told may be what made it a miss
                if defined[0] != notify or record["version"] < defined[1]:
                    continue
                if "missed" in entry["on"] and second(record["to"]) < self._end - 3 * SETTLED_SECONDS:
                    require(bool(told), Invariant.ALERTS, f"{key} was told of no miss, but there is {record}")


def _concerns(entry: Body, word: str) -> bool:
    if word == "recovered" and "late" in entry["on"] and "failed" not in entry["on"]:
        return False
    return word in entry["on"]


def _change(one: Body) -> Change:
    return Change(one["change"], one["run_id"], one["failures"], one.get("reminder", False))


def _work(body: Body) -> Body:
    return {name: value for name, value in body.items() if name not in ("notify", "pause")}
