"""The oracle: what must have been emitted and recorded, derived from the events and the order of the batches alone.

It is independent of the scheduler: it reads the logs raw, lists every occurrence second by second, and compares.
"""

from collections import deque
from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from tasker_core.topics import partition_of
from tests.simulation.environment.random_calendars import CALENDARS
from tests.simulation.environment.simulation import Simulation
from tests.simulation.oracle.alert_check import AlertCheck
from tests.simulation.oracle.background_budget_check import check_background_budget
from tests.simulation.oracle.calendar_check import CalendarCheck
from tests.simulation.oracle.calendar_timeline import CalendarTimeline
from tests.simulation.oracle.chain_check import Links, accepted_links, check_links
from tests.simulation.oracle.committed_log import (
    CommittedBatch,
    LoggedEvent,
    committed_batches,
    logged_events,
    stored_keys,
)
from tests.simulation.oracle.emitted_runs import EmittedRuns
from tests.simulation.oracle.failure_streak_check import must_pause
from tests.simulation.oracle.finished_task_check import FinishedTaskCheck
from tests.simulation.oracle.invariants import Invariant, InvariantViolation, require
from tests.simulation.oracle.misfire_check import check_misfires
from tests.simulation.oracle.occurrence_check import check_occurrences
from tests.simulation.oracle.partition_model import PartitionModel
from tests.simulation.oracle.reference_calendar import Calendars, second
from tests.simulation.oracle.task_model import TaskModel

Body = dict[str, Any]
NAMES = (*(f"t{number}" for number in range(12)), *CALENDARS)
STALL_MS = 2_300
SKEW_MS = 3_000
"""No clock is trusted that is further ahead: 2 s by the check of each batch, 1 s while a prepared batch is held."""


def verify(simulation: Simulation) -> None:
    """Raises InvariantViolation with the first invariant that does not hold."""
    for error in simulation.failures:
        raise InvariantViolation(Invariant.NO_UNFORESEEN_ERROR, f"{type(error).__name__}: {error}") from error
    home = {task: partition_of(task, simulation.partitions) for task in NAMES}
    slack_ms = 60_000 if simulation.calendars_unread else 2_000 + simulation.lag_ms
    timeline = CalendarTimeline(simulation.broker, simulation.partitions, slack_ms)
    ever_linked: Links = set()
    for partition in range(simulation.partitions):
        ever_linked |= accepted_links(committed_batches(simulation.broker, partition))
    for partition in range(simulation.partitions):
        PartitionOracle(simulation, partition, home, ever_linked, timeline).verify()


class PartitionOracle:
    """That of one partition."""

    def __init__(
        self,
        simulation: Simulation,
        partition: int,
        home: dict[str, int],
        ever_linked: Links,
        timeline: CalendarTimeline,
    ) -> None:
        self._simulation, self._partition, self._home = simulation, partition, home
        self._batches = committed_batches(simulation.broker, partition)
        self._events = list(logged_events(simulation.broker, partition))
        can_read = not simulation.lag_ms and not simulation.calendars_unread
        self._calendars = CalendarCheck(partition, home, timeline, simulation.max_behind_ms, exact=can_read)
        calendars = Calendars(simulation.epoch.second, timeline.days)
        self._model = PartitionModel(partition, home, ever_linked, calendars, self._calendars)
        self._emitted = EmittedRuns(self._model, min(simulation.max_ahead_ms, SKEW_MS), simulation.max_behind_ms)
        self._finished_tasks = FinishedTaskCheck(self._model, self._emitted)
        exact = simulation.steady and not simulation.lag_ms
        self._alerts = AlertCheck(steady=simulation.steady, exact=exact, end_ms=simulation.end_ms)
        # What took effect later than that had to be noticed as a stall, after which events come first.
        self._slack_ms = STALL_MS + simulation.max_ahead_ms + simulation.max_behind_ms + simulation.lag_ms
        self._behind_ms = simulation.max_behind_ms

    def verify(self) -> None:
        """Batch by batch, then the whole."""
        before: CommittedBatch | None = None
        for batch in self._batches:
            self._check_order(batch, before)
            self._finished_tasks.extend_retention(batch)
            self._calendars.begin(batch, self._fenced_at(batch))
            self._check_verdicts(batch, before)
            for task in self._model.tasks.values():
                self._calendars.check_not_carried(task, batch.time)
            self._calendars.own.check_batch(batch)
            self._finished_tasks.extend_retention(batch)
            self._emitted.add(batch)
            self._alerts.add(batch, self._model.tasks)
            self._finished_tasks.check_counts()
            before = batch
        last = self._check_all_done(before)
        self._model.waits.check_all(last.time)
        check_occurrences(self._model, self._emitted, last)
        check_links(self._batches, self._model.tasks)
        kept = {
            key.partition("/")[2] for key in stored_keys(self._simulation.broker, self._partition, "calendar-version")
        }
        self._calendars.check_end(self._model.tasks.values(), kept, last)
        self._alerts.check_end(self._model.tasks)
        self._finished_tasks.check_end(last)
        if self._simulation.steady:
            check_background_budget(self._model, self._emitted, self._simulation.background_rate)
        for task in self._model.all.values():
            check_misfires(task, self._emitted, self._simulation.max_ahead_ms)

    def _check_order(self, batch: CommittedBatch, before: CommittedBatch | None) -> None:
        """A batch comes after the last one: nobody else wrote in between, nothing is written again."""
        mark, number = batch.watermark, before.watermark["turn"] if before else 0
        detail = f"partition {self._partition}: batch {mark['turn']} of {mark['owner']} after batch {number}"
        require(mark["turn"] == number + 1, Invariant.WHOLE_BATCHES, detail)
        if before is None:
            return
        position = (batch.time, mark.get("burst", {}).get("after_task", ""))
        earlier = (before.time, before.watermark.get("burst", {}).get("after_task", ""))
        grew = batch.time > before.time or position >= earlier
        grew = grew and mark["next_offset"] >= before.watermark["next_offset"]
        require(grew, Invariant.WATERMARK_GROWS, f"{detail}: {before.watermark} is followed by {mark}")

    def _check_verdicts(self, batch: CommittedBatch, before: CommittedBatch | None) -> None:
        """Every event that a batch applied has its verdict in it, in order, at the right second."""
        first = before.watermark["next_offset"] if before else 0
        applied = self._events[first : batch.watermark["next_offset"]]
        detail = f"partition {self._partition}, batch {batch.watermark['turn']}"
        one_each = Invariant.ONE_VERDICT
        at = (
            before.deciding if before else (self._fenced_at(batch) - self._behind_ms) // 1000
        )  # the first owner began after that
        records = deque(batch.verdicts)
        told = at  # without an answer, an event's place among the other records is not known
        for event in applied:
            if self._has_no_verdict(event, records, detail):  # it moves the time along, too
                at = max(at, min(event.append[0] // 1000, batch.time))
                continue
            while records and records[0]["type"] != "verdict":
                told = self._note(records.popleft(), batch, before, told)
            found = records[0]["event_id"] if records else None
            require(found == event.id, one_each, f"{detail}: event {event.id}, verdict {found}")
            verdict = records.popleft()
            at = self._effect(event, verdict, max(at, told), batch, first=before is None)
            told = at if "effective_from" in verdict else told
            if event.nameless:
                right = (verdict["verdict"], verdict["task_id"]) == ("rejected", event.task_id) and verdict["errors"]
                require(bool(right), one_each, f"{detail}: {event.body} names no task, and is answered {verdict}")
                continue
            before_it = None if event.about_calendar else self._model.tasks.get(event.task_id)
            body = before_it and before_it.body
            self._model.apply(event, verdict, at, at if "effective_from" in verdict else batch.time)
            if not event.about_calendar:
                self._note_change(event, verdict, before_it, body)
        for record in records:
            require(record["type"] != "verdict", one_each, f"{detail}: no event for {record}")
            told = self._note(record, batch, before, told)

    def _note(self, record: Body, batch: CommittedBatch, before: CommittedBatch | None, at: int) -> int:
        """A record that answers no event, at a second or later; returns from when on it holds."""
        if record["type"] == "rescheduled":
            return self._calendars.hand_over(record, self._model.tasks.get(record["task_id"]), at, batch)
        if record["type"] == "ended":
            self._alerts.given_up(self._model.tasks.get(record["task_id"]), record, batch.time)
        self._finished_tasks.apply(record, batch, before)
        return at

    def _note_change(self, event: LoggedEvent, verdict: Body, before: TaskModel | None, body: Body | None) -> None:
        """Let the check of alerts know what an event has made of a task that was `before`, with that `body`."""
        task = self._model.tasks.get(event.task_id)
        if task is not None and verdict["verdict"] == "accepted":
            same = before is not None and before.generation == task.generation
            self._alerts.define(body if same else None, task, event)

    def _has_no_verdict(self, event: LoggedEvent, records: Iterable[Body], detail: str) -> bool:
        """Whether an event only reports the outcome of a run, and that pauses nothing."""
        if event.nameless or not self._model.is_outcome(event):
            return False
        task = self._model.tasks.get(event.task_id)
        due = must_pause(task, event)
        before = list(takewhile(lambda record: record["type"] != "verdict", records))
        verdict = next((record for record in records if record["type"] == "verdict"), None)
        paused = verdict is not None and (verdict["event_id"], verdict["event_type"]) == (event.id, "outcome")
        # Of a task that is over by then, which is reported in this very batch, nothing is paused.
        over = any(record["type"] == "finished" and record["task_id"] == event.task_id for record in before)
        right = due and not over if paused else over or not due
        effect = "paused" if paused else "did not pause"
        require(right, Invariant.FAILURE_STREAK, f"{detail}: {event.body} {effect} {task}")
        self._alerts.outcome(task, event, paused=paused)
        return not paused

    def _fenced_at(self, batch: CommittedBatch) -> int:
        """When the owner of a batch began, in milliseconds."""
        return self._simulation.broker.fences[f"tasker-ticker-{self._partition}", batch.epoch]

    def _effect(self, event: LoggedEvent, verdict: Body, earlier: int, batch: CommittedBatch, *, first: bool) -> int:
        """The second at which an event took effect, checked; for a refused one the best that can be known."""
        append = event.append[0] // 1000
        if "effective_from" not in verdict:
            return max(earlier, min(append, batch.time))
        at, invariant = second(verdict["effective_from"]), Invariant.EFFECT_AT_APPEND
        detail = f"event {self._partition}:{event.offset} of {event.append[0]} took effect at {at}, watermark {earlier}"
        earliest = (event.append[0] - self._behind_ms) // 1000
        require(at >= min(max(earlier, earliest), batch.time), invariant, f"{detail}: too early")
        in_time = at * 1000 <= batch.ms + min(self._simulation.max_ahead_ms, SKEW_MS)
        require(in_time, invariant, f"{detail}: in the future")
        if first:  # of all owners, who takes up the time where it begins to restore
            earlier = batch.time
        if event.ms <= self._fenced_at(batch):
            there = f"{detail}, though it was there when its owner began: too late"
            require(at <= max(earlier, append), invariant, there)
        latest = max(earlier, (event.ms + self._slack_ms) // 1000)
        require(at <= latest, invariant, f"{detail}: too late")
        return at

    def _check_all_done(self, last: CommittedBatch | None) -> CommittedBatch:
        """In the end, when all is healed, nothing is left to do. The last batch."""
        simulation, done, kept = self._simulation, Invariant.ALL_DONE, Invariant.NO_EVENT_DROPPED
        end = simulation.end_ms // 1000
        detail = f"partition {self._partition} at {end}"
        in_time = last is not None and last.time >= end - 5
        require(in_time, done, f"{detail}: watermark {last and last.watermark}")
        assert last is not None
        next_offset = last.watermark["next_offset"]
        require(not last.watermark.get("catch_up"), done, f"{detail}: still open {last.watermark}")
        recent = [event for event in self._events[next_offset:] if event.ms < simulation.end_ms - 5000]
        require(not recent, done, f"{detail}: events without a verdict {recent}")
        dead_letters = {entry.value for entry in simulation.broker.log("tasker.dead-letters", 0).committed()}
        for event in self._events:
            if event.nameless:
                raw = simulation.broker.log("tasker.task-events", self._partition).entries[event.offset].value or b""
                require(raw in dead_letters, kept, f"{detail}: {raw!r} is in no dead letter")
            elif (home := self._home[event.task_id]) != self._partition and event.offset < next_offset:
                there = {other.append for other in logged_events(simulation.broker, home)}
                require(event.append in there, kept, f"{detail}: event {event.offset} never came to {home}")
        return last
