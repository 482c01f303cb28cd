"""PURE. Takes the results of executors and the documents of the log, and holds one against the other."""

from datetime import datetime
from typing import Final

from tasker_cli.verify.instants import epoch_ms
from tasker_cli.verify.judgement.findings import Violation
from tasker_cli.verify.judgement.run_ledger import AT_ONCE, EXCUSED, FRESH, STARTED, STATE_NUMBERS, id_digits
from tasker_cli.verify.judgement.window import AuditedTasks
from tasker_cli.verify.reading.records import LoggedRun, ResultRecord, SecondTexts

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- the log's instants are UTC without saying so
_MASK: Final = (1 << 64) - 1
_FINISHED: Final = 4
"""States up to this number are final ones."""


class LogJudge:
    """`deadlines`: of rows that the log shows as unfinished, the second at which that should be over."""

    def __init__(self, tasks: AuditedTasks, seconds: SecondTexts) -> None:
        self._tasks, self._seconds = tasks, seconds
        self._findings, self._ledger = tasks.findings, tasks.ledger
        self.deadlines: dict[int, int] = {}

    def add_result(self, record: ResultRecord, appended_ms: int, *, fresh: bool) -> None:
        """One record of `results`. `fresh`: it came only just before the log was read, or after. Raises ValueError."""
        if record.task_id not in self._tasks.lives or record.kind == "alert":
            return
        nominal = self._seconds(record.nominal_at)
        effective = self._seconds(record.effective_at) if record.effective_at else nominal
        row = self._row(record.task_id, record.generation, record.kind, nominal, record.run_id)
        if row is None:
            self._judge_stranger(record, nominal, effective)
            return
        ledger = self._ledger
        if appended_ms < effective * 1000:
            before = effective * 1000 - appended_ms
            self._add(
                "early", nominal, record.task_id, f"run {record.run_id} was reported {before:,} ms before its time"
            )
        if ledger.run_ids[row] != id_digits(record.run_id):
            if ledger.emitted[row] or not self._tasks.may_come(record.task_id, effective):
                what = f"a result of run {record.run_id}, which was not emitted"
                self._add("stray_result", nominal, record.task_id, what)
            return
        if record.started_at is not None and appended_ms < self._tasks.settled_ms:
            ledger.marks[row] |= STARTED
        if record.type != "run.finished":
            return
        if record.retry_at is not None:
            ledger.await_attempt(row, record.attempt + 1, epoch_ms(record.retry_at))
            return
        if ledger.results[row]:
            self._findings.counted["repeated executions"] += 1
            return
        ledger.results[row] = STATE_NUMBERS[record.outcome]
        ledger.marks[row] |= FRESH if fresh else 0
        begun, ended = record.started_at, record.finished_at
        stages = record.received_at.timestamp(), begun and begun.timestamp(), ended and ended.timestamp()
        ledger.times[row] = hash(stages) & _MASK
        if (error := record.error) is not None:
            ledger.errors[row] = _error_hash(error.kind, error.message)

    def add_document(self, run: LoggedRun) -> None:
        """One run of the log."""
        if run.task_id not in self._tasks.lives or run.kind == "alert":
            return
        nominal, ledger = _second(run.nominal_at), self._ledger
        row = self._row(run.task_id, run.generation, run.kind, nominal, run.run_id)
        state = STATE_NUMBERS[run.state]
        if row is None or ledger.run_ids[row] != id_digits(run.run_id):
            self._judge_unknown(run, nominal, row)
            return
        if ledger.documents[row]:
            return  # read before, by its id
        ledger.documents[row] = state
        self._findings.outcomes[run.state] += 1
        # Of some the effective time has nothing to do with when they ran.
        if run.kind != "backfill" and not ledger.marks[row] & AT_ONCE:
            self._judge_delays(run, row, nominal)
        if state > _FINISHED:
            self._note_deadline(run, row)
        elif state == ledger.results[row] and not ledger.ended[row]:
            self._compare(run, row, nominal)

    def _judge_delays(self, run: LoggedRun, row: int, nominal: int) -> None:
        findings, late_ms, effective = self._findings, self._tasks.late_ms, _second(run.effective_at)
        logged_at, received_at = _seconds(run.logged_at), _seconds(run.received_at)
        received, logged = round((received_at - effective) * 1000), round((logged_at - effective) * 1000)
        findings.received.add(received, effective, run.task_id)
        findings.logged.add(logged, effective, run.task_id)
        if 0 <= logged <= late_ms:
            return
        ended_at = received_at if run.finished_at is None else _seconds(run.finished_at)
        ledger, since_end = self._ledger, (logged_at - ended_at) * 1000
        in_time = received <= late_ms or ledger.marks[row] & EXCUSED or ledger.attempt[row] > 1
        if since_end > late_ms:
            what = f"run {run.run_id} was logged {since_end:,.0f} ms after it had ended"
            self._add("logged_late", nominal, run.task_id, what)
        elif not in_time and not self._tasks.may_be_late(effective):
            what = f"run {run.run_id} reached its executor {received:,} ms after its time"
            self._add("logged_late", nominal, run.task_id, what)
        elif logged < 0:
            self._add("early", nominal, run.task_id, f"run {run.run_id} was logged {-logged:,} ms before its time")

    def _compare(self, run: LoggedRun, row: int, nominal: int) -> None:
        """Hold the stages and the error of a document against those of its result."""
        ledger = self._ledger
        begun, ended = run.started_at, run.finished_at
        stages = _seconds(run.received_at), begun and _seconds(begun), ended and _seconds(ended)
        if ledger.times[row] != hash(stages) & _MASK:
            what = f"run {run.run_id} is logged as received, started or finished at another time than its result says"
            self._add("wrongly_logged", nominal, run.task_id, what)
        error = 0 if run.error is None else _error_hash(run.error["kind"], run.error["message"])
        if ledger.errors[row] != error:
            what = f"run {run.run_id} is logged with another error than its result says"
            self._add("wrongly_logged", nominal, run.task_id, what)

    def _note_deadline(self, run: LoggedRun, row: int) -> None:
        begun, timeout = run.started_at or run.received_at, self._tasks.timeout(run.task_id)
        if run.retry_at is not None:
            self.deadlines[row] = _second(run.retry_at)
        elif timeout is not None:
            self.deadlines[row] = _second(begun) + timeout

    def _row(self, task_id: str, generation: int, kind: str, nominal: int, run_id: str) -> int | None:
        if kind != "scheduled":
            return self._ledger.others.get(id_digits(run_id))
        found = self._tasks.find(task_id, generation, nominal)
        return None if found is None else found[0].base + found[1]

    def _judge_stranger(self, record: ResultRecord, nominal: int, effective: int) -> None:
        """A result of what is no occurrence, nor another run that was emitted within the window."""
        tasks = self._tasks
        if not tasks.first <= effective <= min(tasks.last, tasks.time.time):
            return
        if not tasks.is_known(record.task_id, nominal):
            return
        if record.kind != "backfill" and id_digits(record.run_id) not in self._ledger.strangers:
            what = f"a result of the {record.kind} run {record.run_id}, which was not emitted"
            self._add("stray_result", nominal, record.task_id, what)

    def _judge_unknown(self, run: LoggedRun, nominal: int, row: int | None) -> None:
        tasks, effective = self._tasks, _second(run.effective_at)
        if not tasks.first <= effective <= min(tasks.last, tasks.time.time) or run.kind == "backfill":
            return  # backfilled ones lie where their nominal time is, whenever they were asked for
        if id_digits(run.run_id) in self._ledger.strangers:
            return
        if row is not None and not self._ledger.emitted[row] and tasks.may_come(run.task_id, effective):
            return
        if row is not None or tasks.is_known(run.task_id, nominal):
            what = f"run {run.run_id} is logged as {run.state}, but was not emitted"
            self._add("wrongly_logged", nominal, run.task_id, what)

    def _add(self, kind: Violation, second: int, task_id: str, what: str) -> None:
        self._findings.add(kind, second, task_id, what)


def _seconds(at: datetime) -> float:
    return (at - _EPOCH).total_seconds()


def _second(at: datetime) -> int:
    return int(_seconds(at))


def _error_hash(kind: str, message: str) -> int:
    return hash((kind, message)) & _MASK or 1
