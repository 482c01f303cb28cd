"""Whatever happens to tasks, in whatever order: their targets are told what an independent model says, and just once.

The same history is run three times: by one owner, and by owners that are replaced at some point and after each step.
"""

from collections import Counter
from itertools import product
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tasker_core.time.instant import parse_second
from tasker_ticker.testing.alert_model import AlertModel, Run, Told
from tasker_ticker.testing.alerted_tasks import is_alert, outcome_event
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness

EVERY_10: dict[str, Any] = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
LIVE_SECONDS = 10
"""What is no later than this when a ticker comes back runs as usual: an outage ends before it."""
Notify = list[dict[str, Any]]


def entry(topic: str, *on: str, late: str | None = None) -> dict[str, Any]:
    return {"on": list(on), "kafka": {"topic": topic}} | ({} if late is None else {"late": late})


NOTIFY: list[Notify] = [
    [],
    [entry("x", "failed", "recovered")],
    [entry("x", "recovered"), entry("y", "failed", "missed")],
    [entry("x", "failed"), entry("y", "late", "recovered", late="PT15S")],
    [entry("x", "late", "recovered", late="PT5S"), entry("y", "late", "failed", "recovered", late="PT25S")],
    [entry("x", "missed"), entry("y", "missed", "late", late="PT15S")],
]
TASKS, TARGETS = "ab", "xy"
tasks, notifies = st.sampled_from(TASKS), st.sampled_from(NOTIFY)


class AlertHistories(RuleBasedStateMachine):
    """Steps are done to all owners alike; `models` are those of living tasks, `told` what gone ones had to tell."""

    def __init__(self) -> None:
        super().__init__()
        self.steady, self.once, self.always = PartitionHarness(), PartitionHarness(), PartitionHarness()
        self.owners = (self.steady, self.once, self.always)
        self.ms = NOON * 1000
        self.models, self.gone = dict[str, AlertModel](), list[tuple[str, AlertModel]]()
        self.work, self.seen = dict[str, int](), Counter[str]()
        self.runs, self.outcomes = list[dict[str, Any]](), dict[str, str]()
        self.current = dict[str, int]()

    @property
    def second(self) -> int:
        return self.ms // 1000 - NOON

    @initialize(notify=notifies)
    def begin(self, notify: Notify) -> None:
        self.define("a", notify, 0)
        self.define("b", NOTIFY[1], 0)

    @rule(task=tasks, notify=notifies, work=st.integers(0, 1))
    def define(self, task: str, notify: Notify, work: int) -> None:
        """Create a task, or change what it does, or who is told."""
        before, self.work[task] = self.work.get(task), work
        self.send(type="put", task={"id": task, "schedule": EVERY_10, "notify": notify, "payload": work})
        if task in self.models:
            self.models[task].define(notify, other_work=before != work)
        else:
            self.models[task] = AlertModel(notify)

    @rule(task=tasks, word=st.sampled_from(["pause", "resume", "resume", "delete"]))
    def interrupt(self, task: str, word: str) -> None:
        self.send(type=word, task_id=task)
        if word == "delete" and task in self.models:
            self.gone.append((task, self.models.pop(task)))
        elif word == "resume" and task in self.models:
            self.models[task].remind()

    @rule(seconds=st.sampled_from([1, 2, 5, 10, 30]))
    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.ms = (self.ms // 1000 + 1) * 1000
            self.commit()

    @rule()
    def wait_half_a_second(self) -> None:
        self.ms += 500 if self.ms % 1000 == 0 else 0

    @rule(seconds=st.sampled_from([100, 300, 86_400]))
    def stop_the_ticker(self, seconds: int) -> None:
        """An outage."""
        after, self.ms = self.steady.scheduler.state.position.second, (self.ms // 1000 + seconds) * 1000
        self.commit(after)
        while self.steady.scheduler.state.position.gaps:
            self.commit(after)

    @precondition(lambda self: self.runs)
    @rule(back=st.integers(0, 7), outcome=st.sampled_from(["failed", "failed", "succeeded", "succeeded", "skipped"]))
    def end(self, back: int, outcome: str) -> None:
        """One of the last runs ends, or the end of one is reported again."""
        self.end_run(self.runs[-1 - back % len(self.runs)], outcome)

    @rule(task=tasks, outcome=st.sampled_from(["failed", "failed", "succeeded"]))
    def end_next(self, task: str, outcome: str) -> None:
        """The next run comes, and ends within ten seconds."""
        self.wait(10)
        if newest := next((run for run in reversed(self.runs) if run["task_id"] == task), None):
            self.end_run(newest, outcome)

    def end_run(self, run: dict[str, Any], outcome: str) -> None:
        outcome = self.outcomes.setdefault(run["run_id"], outcome)
        self.send(**outcome_event(run, outcome))
        task = run["task_id"]
        if task in self.models and run["generation"] == self.current[task]:
            self.models[task].ended(position(run), outcome, self.ms)

    @rule()
    def replace_owner(self) -> None:
        self.once.restart()

    def send(self, **event: Any) -> None:
        for model in self.models.values():
            model.passed((self.ms - 1) // 1000)
        for owner in self.owners:
            owner.send(self.ms / 1000 - NOON, **event)
            owner.commit(self.ms / 1000 - NOON)
        if event["type"] == "put":
            self.current[event["task"]["id"]] = self.steady.verdicts()[-1]["generation"]
        self.after_step()

    def commit(self, outage_from: int = 0) -> None:
        """A batch: what is due now is emitted, lateness judged, and a part of an outage worked off."""
        for owner in self.owners:
            owner.commit(self.second)
        self.note_runs("due-tasks")
        for model in self.models.values():
            model.passed(self.ms // 1000 - 2)
        for record in self.new_records("verdicts"):
            if record["type"] == "missed":
                self.models[record["task_id"]].missed(outage_from, self.ms // 1000 - LIVE_SECONDS)
        self.note_runs("due-background")
        self.after_step()

    def note_runs(self, lane: str) -> None:
        for run in self.new_records(lane):
            if not is_alert(run):
                self.runs.append(run)
                self.models[run["task_id"]].emitted(position(run))

    def new_records(self, topic: str) -> list[dict[str, Any]]:
        records = self.steady.topics[topic][self.seen[topic] :]
        self.seen[topic] += len(records)
        return records

    def after_step(self) -> None:
        self.always.restart()

    def teardown(self) -> None:
        for task in self.models:
            self.interrupt(task, "pause")
        self.wait(100)
        for owner in (self.once, self.always):
            assert owner.topics == self.steady.topics
        must = [(task, one) for task, model in [*self.gone, *self.models.items()] for one in model.told]
        told = said(self.steady)
        for about in product(TASKS, TARGETS):
            assert of(about, told) == of(about, must)


def of(about: tuple[str, str], told: list[tuple[str, Told]]) -> list[Told]:
    """What a target is told of a task."""
    return [one for task, one in told if (task, one.target) == about]


def position(run: dict[str, Any]) -> Run:
    return parse_second(run["effective_at"]), run["run_id"]


def said(harness: PartitionHarness) -> list[tuple[str, Told]]:
    """What was told of which task."""
    found = list[tuple[str, Told]]()
    for run in harness.topics["due-background"]:
        if run.get("kind") == "alert":
            for one in run["payload"]["value"]["changes"]:
                about = {name: one.get(name) for name in ("run_id", "after", "late", "failures")}
                topic = run["payload"]["topic"]
                found.append((one["task_id"], Told(topic, one["change"], reminder=one.get("reminder", False), **about)))
    return found


def test_an_outage_ends_before_what_runs_as_usual() -> None:
    """The second one begins 50 seconds after the ticker came back, 60 after the last that it could miss."""
    history = AlertHistories()
    history.begin(NOTIFY[2])
    history.stop_the_ticker(100)
    history.wait(50)
    history.stop_the_ticker(100)
    history.teardown()


TestAlertHistories = AlertHistories.TestCase
TestAlertHistories.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
