"""The oracle's own model of one partition, moved on by its events in order: tasks, runs and backfills."""

from collections import Counter
from dataclasses import replace
from typing import Any

from tests.simulation.limits import RECENT_EVENTS
from tests.simulation.oracle.calendar_check import CalendarCheck
from tests.simulation.oracle.callback_waits import CallbackWaits
from tests.simulation.oracle.chain_check import (
    Links,
    check_refusal,
    has_circle,
    links_of,
    refused_links,
    start_verdict,
)
from tests.simulation.oracle.committed_log import LoggedEvent
from tests.simulation.oracle.expected_anchors import is_same, with_anchors
from tests.simulation.oracle.expected_verdicts import ACCEPTED, USED_UP, is_malformed, put_verdict, retry_verdict
from tests.simulation.oracle.failure_streak_check import check_pause
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.reference_calendar import Calendars, second
from tests.simulation.oracle.run_models import BackfillModel, RunModel, run_id
from tests.simulation.oracle.task_model import TaskModel

Body = dict[str, Any]
ABOUT_RUNS = ("retry", "cancel", "chain", "wait", "report")
CHANGES = ("put", "pause", "resume", "outcome")


class PartitionModel:
    """`tasks` are those that there are, `all` those that there ever were, by id and generation.

    `backfills`: by task, event and generation. `tombstones`: of deleted tasks that forwarded events have changed, where
    the delete was appended. `manual`: the runs that were triggered in the current batch, and the payload that each must
    have; `chained`: those that ends of other runs started in it, and the events. `started`: which ends are known, by
    task, event and generation. `ever_linked`: which task ever started which. `cancels`: what executors must cancel in
    the batch, a task and one of its runs or None for all. `cancelled`: how often all runs of a task were cancelled.
    `emitted`: by run and attempt, how many of those cancels were in its lane before it. `used_up`: the tasks that have
    run as often by schedule as a put in the current batch allows.
    """

    def __init__(
        self, partition: int, home: dict[str, int], ever_linked: Links, calendars: Calendars, check: CalendarCheck
    ) -> None:
        self._partition, self._home, self._ever_linked = partition, home, ever_linked
        self._calendars, self._calendar_check = calendars, check
        self.tasks: dict[str, TaskModel] = {}
        self.all: dict[tuple[str, int], TaskModel] = {}
        self.runs: dict[str, RunModel] = {}
        self.backfills: dict[tuple[str, str, int], BackfillModel] = {}
        self.ended: list[tuple[str, int, str]] = []
        self.tombstones: dict[str, tuple[int, int, int]] = {}
        self.triggered: set[tuple[str, str, int]] = set()
        self.manual: dict[str, Any] = {}
        self.started: set[tuple[str, str, int]] = set()
        self.chained: dict[str, Body] = {}
        self.cancels: list[tuple[str, str | None]] = []
        self.cancelled = Counter[str]()
        self.emitted: dict[tuple[str, int], int] = {}
        self.waits = CallbackWaits(self.runs, self.ended)
        self.used_up: list[tuple[TaskModel, int]] = []
        self.own_calendars = check.own

    def apply(self, event: LoggedEvent, verdict: Body, at: int, or_at: int) -> None:
        """Check the verdict on one event that took effect at a second (a refused one: at either of the two)."""
        word, why = self._expected_verdict(event, verdict, at)
        if word != verdict["verdict"] and or_at != at:
            word, why = self._expected_verdict(event, verdict, or_at)
        where = f"event {self._partition}:{event.offset} {event.body} at {at}"
        detail = f"{where}: {verdict['verdict']}, not {word} ({why}): {verdict.get('errors')}"
        require(verdict["verdict"] == word, Invariant.ONE_VERDICT, detail)
        if word == "accepted":
            self._carry_out(event, verdict, at)
        elif word == "rejected" and "run" in (event.body or {}):
            if event.body is not None and event.body["type"] == "wait":
                self.waits.refuse(event.body, self._reason(event, self.waits.run_of(event.body)))
            else:
                self._refuse_retry(event)
        elif why == "it is paused":
            self.started.add((event.task_id, event.id, self.tasks[event.task_id].generation))

    def remove(self, model: TaskModel, at: int) -> None:
        """A finished task is removed."""
        model.list_to(at)
        model.ended = True
        del self.tasks[model.task_id]

    def is_outcome(self, event: LoggedEvent) -> bool:
        """Whether it reports the outcome of a run of this partition: answered only when that pauses the task."""
        at_home = self._home[event.task_id] == self._partition
        return event.body is not None and event.body["type"] == "outcome" and at_home and not event.contradicted

    def _expected_verdict(self, event: LoggedEvent, verdict: Body, at: int) -> tuple[str, str]:
        body, model = event.body or {}, self.tasks.get(event.task_id)
        if self._home[event.task_id] != self._partition:
            return "forwarded", "its task belongs to another partition"
        if event.about_calendar:
            return self.own_calendars.expected_verdict(event)
        if self.is_outcome(event):
            return "accepted", "so many failures in a row"
        if model is not None and event.id in model.recent_events:
            return "superseded", "a repeat"
        last = model.changed if model is not None else self.tombstones.get(event.task_id, event.append)
        if event.forwarded and event.append < last and body["type"] not in ABOUT_RUNS:
            return "superseded", "older than the last change, or the delete"
        if is_malformed(event):
            return "rejected", "it breaks the contract"
        wanted = body.get("if_version")
        if wanted is not None and wanted != (model.version if model else 0):
            return "rejected", "the version is another one"
        match body["type"]:
            case "put" if links := refused_links(verdict):
                check_refusal(links, body["task"], event, self._ever_linked)
                return "rejected", "it closes a circle"
            case "put" if (not model or links_of(model.body) != links_of(body["task"])) and has_circle(
                self.tasks, body["task"]
            ):
                return "rejected", "it closes a circle"
            case "put":
                expected = self._put_verdict(event, model, verdict, at)
                if model is not None and expected == USED_UP:
                    self.used_up.append((model, body["task"]["schedule"]["max_runs"]))
                return expected
            case "retry":
                return retry_verdict(body, self._run_of(body), model, lambda: self._was_cancelled(body["run"]))
            case "wait":
                return self.waits.wait_verdict(body, model, lambda: self._was_cancelled(body["run"]))
            case "report":
                return self.waits.report_verdict(body, model)
            case "cancel":
                return "accepted", "also where the task is deleted"
            case _ if model is None:
                return "rejected", "no such task"
            case "chain":
                return start_verdict(event, model, self.started)
            case "backfill" if (event.task_id, event.id, model.generation) in self.backfills:
                return "superseded", "it is in progress, or done"
            case "backfill" if model.calendar.manual:
                return "rejected", "it has no times"
            case "backfill" if second((body.get("times") or [""])[-1] or body["end"]) > at + ("end" in body):
                return "rejected", "it lies in the future"
            case "trigger" if (event.task_id, event.id, model.generation) in self.triggered:
                return "superseded", "it was triggered"
            case _:
                return ACCEPTED

    def _put_verdict(self, event: LoggedEvent, model: TaskModel | None, verdict: Body, at: int) -> tuple[str, str]:
        """That on a put, under one of the versions of its calendars that its owner may know."""
        check, schedule = self._calendar_check, (event.body or {})["task"]["schedule"]
        if check.unknown_in(verdict):
            check.check_unknown(event, verdict, model)
            return "rejected", "there is no such calendar"
        expected = "rejected", "a calendar is not known, or not as it says"
        for versions in check.candidates(event, model, at):
            if verdict["verdict"] != "accepted" or versions == verdict.get("calendars", {}):
                expected = put_verdict(schedule, model, verdict, at, self._calendars, versions)
                if expected[0] == verdict["verdict"]:
                    break
        return expected

    def _refuse_retry(self, event: LoggedEvent) -> None:
        """Its run ends, unless the attempt that it would be is known."""
        body = event.body or {}
        run, model = body["run"], self._run_of(body)
        attempt = run.get("attempt", 1) + 1
        if not model.knows(attempt):
            self.ended.append((run["run_id"], attempt, self._reason(event, model)))
            self.runs[run["run_id"]] = model
            model.attempt, model.pending = attempt, None

    def _reason(self, event: LoggedEvent, run: RunModel) -> str:
        """Why a run does not go on after an event that is refused."""
        if is_malformed(event):
            return "refused"
        task, generation = self.tasks.get(event.task_id), (event.body or {})["run"]["generation"]
        deleted = task is None or task.generation != generation
        return "deleted" if deleted and not run.cancelled else "cancelled"

    def _was_cancelled(self, run: Body) -> bool:
        """Whether an attempt was emitted before the last cancel of all runs of its task."""
        return self.emitted[run["run_id"], run.get("attempt", 1)] < self.cancelled[run["task_id"]]

    def _run_of(self, body: Body) -> RunModel:
        """What is known of the run of a retry."""
        run = body["run"]
        return self.runs.get(run["run_id"]) or RunModel(run["task_id"], run.get("attempt", 1))

    def _carry_out(self, event: LoggedEvent, verdict: Body, at: int) -> None:
        body, model = event.body or {}, self.tasks.get(event.task_id)
        match body["type"]:
            case "calendar" | "calendar-delete":
                self.own_calendars.change(event, verdict, at)
            case "retry":
                self._retry(body, at)
            case "wait":
                self.waits.wait(body, at)
            case "report":
                self.waits.report(body)
            case "cancel":
                self._cancel(event.task_id, body.get("run_id"))
                if model is not None:
                    model.recent_events = [*model.recent_events[1 - RECENT_EVENTS :], event.id]
            case _:
                model = self._change(event, verdict, at)
                if body["type"] not in ("outcome", "chain"):
                    model.recent_events = [*model.recent_events[1 - RECENT_EVENTS :], event.id]
                self._act(model, event, verdict, at)

    def _change(self, event: LoggedEvent, verdict: Body, at: int) -> TaskModel:
        """Change the task, if the event does that; what the verdict says of it must be right."""
        body, model = event.body or {}, self.tasks.get(event.task_id)
        if body["type"] == "put":
            meant = with_anchors(body["task"]["schedule"], model.body["schedule"] if model else None, at)
            right = is_same(meant, verdict["task"]["schedule"])
            require(right, Invariant.ONE_VERDICT, f"{verdict}, though {meant} was meant")
        if model is None:
            version, versions = event.offset + 1, verdict.get("calendars", {})
            model = TaskModel(event.task_id, version, version, verdict["task"], at, self._calendars, versions)
            self.tasks[event.task_id] = self.all[event.task_id, version] = model
            model.create(at)
        elif body["type"] in CHANGES:
            after = verdict["task"] if body["type"] == "put" else {**model.body, "paused": body["type"] != "resume"}
            if body["type"] == "outcome":
                check_pause(replace(model, body=after), event, verdict)
            versions = verdict.get("calendars", {}) if body["type"] == "put" else model.versions
            model.change(after, versions, event.offset + 1, at, resumed=body["type"] != "put")
        if body["type"] in CHANGES:
            if body["type"] != "outcome":
                check_pause(model, event, verdict)
            model.changed, model.foreign = event.append, model.foreign or event.forwarded
            self.tombstones.pop(event.task_id, None)
            same = verdict["task"].get("paused", False) == model.paused and verdict["version"] == model.version
            same = same and verdict.get("calendars", {}) == model.versions
            require(same, Invariant.ONE_VERDICT, f"{verdict} does not state {model.body}")
            next_at = verdict.get("next_at")
            right = next_at is None if model.paused else model.calendar.is_next(at, model.decided, next_at)
            require(right, Invariant.NEXT_TIME, f"{verdict}")
        return model

    def _act(self, model: TaskModel, event: LoggedEvent, verdict: Body, at: int) -> None:
        """Delete, trigger or backfill, if the event does that."""
        body, task_id = event.body or {}, event.task_id
        match body["type"]:
            case "delete":
                self._delete(model, at)
                if model.foreign or event.forwarded:
                    self.tombstones[task_id] = event.append
            case "trigger":
                identity = run_id(task_id, model.generation, "manual", at, event.id)
                self.triggered.add((task_id, event.id, model.generation))
                self.manual[identity] = body.get("payload", model.body.get("payload"))
                require(verdict["run_id"] == identity, Invariant.ONE_VERDICT, f"{verdict}: run {identity}")
            case "chain":
                nominal = second(body["after"]["nominal_at"])
                identity = run_id(task_id, model.generation, "chained", nominal, event.id)
                self.started.add((task_id, event.id, model.generation))
                self.chained[identity] = body | {"at": at, "payload": model.body.get("payload")}
                require(verdict["run_id"] == identity, Invariant.CHAINS, f"{verdict}: run {identity}")
            case "backfill":
                backfill = BackfillModel(task_id, model.generation, body, len(model.changes))
                self.backfills[task_id, event.id, model.generation] = backfill
            case _:
                pass

    def _retry(self, body: Body, at: int) -> None:
        run, attempt = body["run"], body["attempt"]
        model = self.runs.setdefault(run["run_id"], RunModel(run["task_id"], run.get("attempt", 1)))
        model.pending, model.waits = (attempt, max(second(body["retry_at"]), at)), False

    def _delete(self, model: TaskModel, at: int) -> None:
        model.list_to(at)
        model.changes.append(at)
        model.ended = True
        del self.tasks[model.task_id]
        self._end_pending(model.task_id, None, "deleted")

    def _cancel(self, task_id: str, identity: str | None) -> None:
        self.cancels.append((task_id, identity))
        self._end_pending(task_id, identity, "cancelled")
        self.cancelled[task_id] += identity is None
        if identity is not None:
            self.runs.setdefault(identity, RunModel(task_id)).cancelled = True

    def _end_pending(self, task_id: str, identity: str | None, reason: str) -> None:
        for name, run in self.runs.items():
            if run.task_id == task_id and run.pending and identity in (None, name):
                self.ended.append((name, run.pending[0], reason))
                run.waited = run.pending[0] if run.waits else run.waited
                run.pending = None
                run.cancelled |= reason == "cancelled"
