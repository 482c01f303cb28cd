"""PURE. Holds what the topics and the log say of each second against what must be: exactly one fate, in time, logged.

Records may come in any order of topics, each topic in its own order; `conclude` comes last.
"""

from collections.abc import Mapping
from typing import Any, Final

from tasker_cli.verify.findings import Findings
from tasker_cli.verify.instants import epoch_ms, epoch_second, instant_text
from tasker_cli.verify.second_ledger import (
    MAX_COUNT,
    OUTCOMES,
    STATES,
    UNFINISHED,
    SecondLedger,
    add_one,
    id_digits,
)
from tasker_cli.verify.task_life import MissedSpan, Phase, TaskLife

PREPARED_MS: Final = 1_000
"""A run may be sent so long before its second, within a transaction that ends when the second begins."""
ENDLESS_SECONDS: Final = 120
"""So long a run of such a task may be unfinished; its attempts time out after a minute by default."""
_FINAL: Final = frozenset(range(1, len(OUTCOMES)))


class OccurrenceJudge:
    """Judges the seconds [first, last] of tasks with these lives; `late_ms` is how late a run, or its log, may be."""

    def __init__(self, lives: Mapping[str, TaskLife], first: int, last: int, late_ms: int) -> None:
        self.findings, self._lives, self._window, self._late_ms = Findings(), lives, (first, last), late_ms
        self._ledgers: dict[str, SecondLedger] = {}
        self._ranges: dict[tuple[str, MissedSpan], bool] = {}
        for task_id, life in lives.items():
            ledger = self._ledgers[task_id] = SecondLedger(life.bounds(first, last))
            for missed, _, _ in life.missed:
                self._add_missed(task_id, ledger, missed)
            for run in life.ended:
                if (index := ledger.index(run.nominal)) is not None:
                    ledger.ended[index] = STATES.index(run.outcome)

    def _add_missed(self, task_id: str, ledger: SecondLedger, missed: MissedSpan) -> None:
        seconds = range(max(missed.first, ledger.seconds.start), min(missed.last + 1, ledger.seconds.stop))
        for second in seconds:
            add_one(ledger.missed, second - ledger.seconds.start)
        if seconds:
            self._ranges[task_id, missed] = False

    def add_due(self, message: dict[str, Any], appended_ms: int) -> None:
        """One record of a due topic, with the broker's timestamp."""
        if message.get("type") != "run":
            return
        if (found := self._entry(message)) is None:
            self._judge_stranger(message)
            return
        ledger, index, second = found
        task_id, run_id, attempt = message["task_id"], id_digits(message["run_id"]), message.get("attempt", 1)
        late = appended_ms - second * 1000
        if attempt > 1:
            self.findings.retries += 1
            if attempt <= ledger.attempt[index] or run_id != ledger.run_ids[index]:
                self._violate("doubled", second, task_id, f"attempt {attempt} of run {message['run_id']} once more")
            ledger.attempt[index] = min(MAX_COUNT, attempt)
            return
        if add_one(ledger.emitted, index) > 1:
            self._violate("doubled", second, task_id, f"emitted again, as run {message['run_id']}, {late} ms after it")
            return
        ledger.run_ids[index], ledger.attempt[index] = run_id, 1
        self.findings.runs += 1
        self.findings.appended.add(late, second, task_id)
        if late < -PREPARED_MS:
            self._violate("early", second, task_id, f"run {message['run_id']} was sent {-late} ms before its time")
        elif late > self._late_ms:
            self._violate("late", second, task_id, f"run {message['run_id']} was emitted {late} ms late")

    def add_result(self, message: dict[str, Any], appended_ms: int, *, fresh: bool) -> None:
        """One record of `results`. `fresh`: it came only just before the log was read, or after."""
        if (found := self._entry(message)) is None:
            return
        ledger, index, second = found
        task_id, run_id = message["task_id"], message["run_id"]
        if appended_ms < second * 1000:
            what = f"run {run_id} was reported {second * 1000 - appended_ms} ms before its time"
            self._violate("early", second, task_id, what)
        if ledger.run_ids[index] != id_digits(run_id):
            self._violate("stray_result", second, task_id, f"a result of run {run_id}, which was not emitted")
            return
        if message["type"] != "run.finished":
            return
        if (retry_at := message.get("retry_at")) is not None:
            ledger.await_attempt(index, message.get("attempt", 1) + 1, epoch_ms(retry_at))
            return
        if ledger.results[index]:
            self.findings.repeated_executions += 1
            return
        ledger.results[index] = STATES.index(message["outcome"])
        ledger.finished_ms[index], ledger.fresh[index] = epoch_ms(message["finished_at"]), fresh

    def add_run_document(self, run: Mapping[str, Any]) -> None:
        """One run of the log: run_id, task_id, kind, nominal_at, state, and in epoch milliseconds the stages *_ms."""
        if (found := self._entry(run)) is None:
            return
        ledger, index, second = found
        task_id, run_id, state = run["task_id"], run["run_id"], STATES.index(run["state"])
        if ledger.run_ids[index] != id_digits(run_id):
            what = f"run {run_id} is logged as {run['state']}, but was not emitted"
            self._violate("wrongly_logged", second, task_id, what)
            return
        ledger.documents[index] = state
        self.findings.outcomes[run["state"]] += 1
        logged = run["logged_ms"] - second * 1000
        self.findings.received.add(run["received_ms"] - second * 1000, second, task_id)
        self.findings.logged.add(logged, second, task_id)
        if logged > self._late_ms:
            self._violate("logged_late", second, task_id, f"run {run_id} was logged {logged} ms after its time")
        elif logged < 0:
            self._violate("early", second, task_id, f"run {run_id} was logged {-logged} ms before its time")
        expected = ledger.finished_ms[index]
        if state == ledger.results[index] != 0 and run["finished_ms"] != expected and not ledger.ended[index]:
            what = f"run {run_id} is logged as finished at another time than its result says"
            self._violate("wrongly_logged", second, task_id, what)

    def add_missed_document(self, task_id: str, missed: MissedSpan) -> None:
        """One range of the log's collection of missed occurrences."""
        if (task_id, missed) in self._ranges:
            self._ranges[task_id, missed] = True
        elif (ledger := self._ledgers.get(task_id)) and ledger.index(missed.first) is not None:
            what = f"logged as missed to {instant_text(missed.last)} ({missed.reason}), which no verdict says"
            self._violate("wrongly_logged", missed.first, task_id, what)

    def conclude(self) -> Findings:
        """Judge what needs all records together."""
        for task_id, life in self._lives.items():
            ledger = self._ledgers[task_id]
            start, stop = ledger.seconds.start, ledger.seconds.stop
            for seconds, phase in life.spans(start, stop - 1):
                for second in seconds:
                    self._judge_fate(task_id, ledger, second - start, second, phase)
                    self._judge_log(task_id, ledger, second - start, second)
            for second in life.missed_within_grace():
                if second in ledger.seconds and life.phase_at(second) == "due":
                    self._violate("missed_early", second, task_id, "recorded as missed while it could still run")
            self._judge_ids(task_id, ledger)
            self._judge_retries(task_id, ledger)
        for (task_id, missed), logged in self._ranges.items():
            if not logged:
                what = f"missed to {instant_text(missed.last)} ({missed.reason}), which the log does not show"
                self._violate("unlogged", missed.first, task_id, what)
        return self.findings

    def _judge_fate(self, task_id: str, ledger: SecondLedger, index: int, second: int, phase: Phase) -> None:
        emitted, missed = ledger.emitted[index], ledger.missed[index]
        if phase == "due":
            self.findings.due += 1
            self.findings.missed += bool(missed)
            if not emitted and not missed:
                self._violate("lost", second, task_id, "neither run nor missed")
        elif phase == "paused":
            self.findings.paused += 1
        if emitted and phase in ("paused", "gone"):
            word = "paused" if phase == "paused" else "not there"
            self._violate("outside", second, task_id, f"emitted while the task was {word}")
        if missed > 1 or (emitted and missed):
            self._violate("doubled", second, task_id, f"recorded as missed {missed} times, emitted {emitted} times")

    def _judge_log(self, task_id: str, ledger: SecondLedger, index: int, second: int) -> None:
        shown, result, ended = ledger.documents[index], ledger.results[index], ledger.ended[index]
        if not ledger.emitted[index]:
            return
        if not shown:
            self._violate("unlogged", second, task_id, "emitted, but not in the log")
        elif shown in _FINAL:
            if shown not in (result, ended):
                said = f"the topics say {STATES[result or ended]}" if result or ended else "no result says so"
                self._violate("wrongly_logged", second, task_id, f"logged as {STATES[shown]}, but {said}")
        elif result and not ledger.fresh[index]:
            what = f"logged as {STATES[shown]}, but its result says {STATES[result]}"
            self._violate("unlogged", second, task_id, what)
        else:
            self.findings.unfinished += 1
            if second < self._window[1] - ENDLESS_SECONDS and STATES[shown] == UNFINISHED[0]:
                self._violate("endless", second, task_id, f"still {STATES[shown]}")

    def _judge_retries(self, task_id: str, ledger: SecondLedger) -> None:
        before_ms = self._window[1] * 1000 - self._late_ms
        for index in ledger.awaited:
            if (attempt := ledger.missing_attempt(index, before_ms)) is not None:
                what = f"attempt {attempt}, which the result of the one before it promises, never came"
                self._violate("lost", ledger.seconds[index], task_id, what)

    def _judge_ids(self, task_id: str, ledger: SecondLedger) -> None:
        ids = [one for one in ledger.run_ids if one]
        if len(set(ids)) == len(ids):
            return
        seen = set[int]()
        for index, one in enumerate(ledger.run_ids):
            if one and one in seen:
                self._violate("doubled", ledger.seconds[index], task_id, f"its run has the id {one:016x}… of another")
            seen.add(one)

    def _judge_stranger(self, run: Mapping[str, Any]) -> None:
        """A run of one of our tasks that lies before or behind all of its life."""
        life = self._lives.get(run.get("task_id", ""))
        if life is None or run.get("kind", "scheduled") != "scheduled":
            return
        second, (first, last) = epoch_second(run["nominal_at"]), self._window
        if first <= second <= last and life.phase_at(second) == "gone":
            self._violate("outside", second, life.task_id, f"run {run['run_id']} was emitted while it was not there")

    def _entry(self, message: Mapping[str, Any]) -> tuple[SecondLedger, int, int] | None:
        """The ledger, the index and the second of a scheduled run; None when it is not audited."""
        ledger = self._ledgers.get(message.get("task_id", ""))
        if ledger is None:
            return None
        if message.get("kind", "scheduled") != "scheduled":
            self.findings.other_runs += 1
            return None
        second = epoch_second(message["nominal_at"])
        index = ledger.index(second)
        return None if index is None else (ledger, index, second)

    def _violate(self, kind: Any, second: int, task_id: str, what: str) -> None:
        self.findings.add(kind, second, task_id, what)
