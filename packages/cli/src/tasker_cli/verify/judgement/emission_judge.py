"""PURE. Takes the records of the due topics: each occurrence once, in time, and nothing else."""

from typing import Final

from tasker_cli.verify.instants import instant_text
from tasker_cli.verify.judgement.findings import Violation
from tasker_cli.verify.judgement.run_ledger import AT_ONCE, EXCUSED, LIVE, MAX_COUNT, OtherRun, add_one, id_digits
from tasker_cli.verify.judgement.window import AuditedTasks
from tasker_cli.verify.lives.partition_time import LIVE_SECONDS
from tasker_cli.verify.reading.records import DueRecord, SecondTexts

PREPARED_MS: Final = 1_000
"""A run may be sent so long before its second, within a transaction that ends when the second begins."""


class EmissionJudge:
    """`found_apart` are the ids of runs that the log has outside of the window, as they were due long before."""

    def __init__(self, tasks: AuditedTasks, seconds: SecondTexts) -> None:
        self._tasks, self._seconds = tasks, seconds
        self._findings, self._ledger = tasks.findings, tasks.ledger
        self.found_apart: list[str] = []

    def add(self, record: DueRecord, appended_ms: int, *, live: bool) -> None:
        """One record, with the broker's timestamp and whether it came in the live lane. Raises ValueError."""
        if record.type != "run" or record.task_id not in self._tasks.lives:
            return
        if record.kind == "alert":
            return  # a message about runs, and no occurrence of its task
        nominal = self._seconds(record.nominal_at)
        effective = self._seconds(record.effective_at) if record.effective_at else nominal
        if appended_ms < effective * 1000 - PREPARED_MS and record.attempt == 1:
            before = effective * 1000 - appended_ms
            self._add("early", nominal, record, f"run {record.run_id} was sent {before:,} ms before its time")
        if record.kind == "scheduled":
            self._add_occurrence(record, nominal, effective, appended_ms, live=live)
        else:
            self._add_other(record, effective, appended_ms)

    def _add_occurrence(self, record: DueRecord, nominal: int, effective: int, appended_ms: int, *, live: bool) -> None:
        ledger = self._ledger
        if (found := self._tasks.find(record.task_id, record.generation, nominal)) is None:
            self._judge_stranger(record, nominal, effective)
            return
        piece, place = found
        row, expected = piece.base + place, piece.effectives[place]
        if record.attempt > 1:
            self._add_attempt(record, row, nominal)
            return
        late = appended_ms - max(expected, piece.since) * 1000
        if add_one(ledger.emitted, row) > 1:
            what = f"emitted again, as run {record.run_id}, {late:,} ms after its time"
            self._add("doubled", nominal, record, what)
            return
        ledger.run_ids[row], ledger.attempt[row] = id_digits(record.run_id), 1
        ledger.marks[row] = self._tasks.marks(record.task_id, appended_ms) | (LIVE if live else 0)
        if piece.since > expected:
            ledger.marks[row] |= EXCUSED | AT_ONCE
        self._findings.counted["emitted"] += 1
        self._findings.appended.add(late, expected, record.task_id)
        if effective != expected:
            what = f"run {record.run_id} says to be due at {instant_text(effective)}, by its schedule it was due at"
            self._add("outside", nominal, record, f"{what} {instant_text(expected)}")
        if piece.definition.paused:
            self._add("outside", nominal, record, f"run {record.run_id} was emitted while the task was paused")
        if late > self._tasks.late_ms:
            never = piece.definition.policy == "none" and late > (piece.definition.grace + 1) * 1000
            excusable = not never and (not live or self._tasks.time.was_out(expected))
            self._judge_late(record, row, expected, late, excusable=excusable)
        if expected < self._tasks.first:
            self.found_apart.append(record.run_id)

    def _add_other(self, record: DueRecord, effective: int, appended_ms: int) -> None:
        at = appended_ms // 1000 if record.kind == "backfill" else effective
        if not self._tasks.first <= at <= self._tasks.last:
            return
        ledger, digits = self._ledger, id_digits(record.run_id)
        row = ledger.others.get(digits)
        if row is None and record.attempt > 1:
            return  # it began before the window
        if row is None:
            row = ledger.add_other(digits, OtherRun(record.task_id, record.kind, effective, record.run_id))
        if record.attempt > 1:
            self._add_attempt(record, row, effective)
            return
        if add_one(ledger.emitted, row) > 1:
            self._add("doubled", effective, record, f"the {record.kind} run {record.run_id} was emitted again")
            return
        ledger.attempt[row], ledger.marks[row] = 1, self._tasks.marks(record.task_id, appended_ms)
        self._findings.counted[f"{record.kind} runs"] += 1
        late = appended_ms - effective * 1000
        if record.kind == "backfill":
            self.found_apart.append(record.run_id)
        elif late > self._tasks.late_ms:
            self._judge_late(record, row, effective, late, excusable=True)

    def _add_attempt(self, record: DueRecord, row: int, nominal: int) -> None:
        self._findings.counted["later attempts"] += 1
        ledger = self._ledger
        if record.attempt <= ledger.attempt[row] < MAX_COUNT or id_digits(record.run_id) != ledger.run_ids[row]:
            self._add("doubled", nominal, record, f"attempt {record.attempt} of run {record.run_id} once more")
        ledger.attempt[row] = min(MAX_COUNT, record.attempt)

    def _judge_late(self, record: DueRecord, row: int, effective: int, late: int, *, excusable: bool) -> None:
        """What lies in an outage may come late, in the background lane, if its misfire policy lets it run."""
        if excusable and late > LIVE_SECONDS * 1000 and self._tasks.may_be_late(effective):
            self._findings.counted["run late after an outage"] += 1
            self._ledger.marks[row] |= EXCUSED
        else:
            self._add("late", effective, record, f"run {record.run_id} was emitted {late:,} ms late")

    def _judge_stranger(self, record: DueRecord, nominal: int, effective: int) -> None:
        """A scheduled run at no occurrence within the window."""
        if not self._tasks.first <= effective <= self._tasks.last:
            return
        if not self._tasks.is_known(record.task_id, nominal):
            return  # the conclusion tells that it is not known
        self._ledger.strangers.add(id_digits(record.run_id))
        what = f"run {record.run_id} was emitted, but its task had no occurrence then: not by its schedule, or deleted"
        self._add("outside", nominal, record, what)

    def _add(self, kind: Violation, second: int, record: DueRecord, what: str) -> None:
        self._findings.add(kind, second, record.task_id, what)
