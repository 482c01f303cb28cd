"""The oracle's model of attempts that wait for their callback: each ends once, by its first report, or in time."""

from collections.abc import Callable
from typing import Any

from tests.simulation.oracle.committed_log import CommittedBatch
from tests.simulation.oracle.expected_verdicts import ACCEPTED
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.reference_calendar import second
from tests.simulation.oracle.run_models import RunModel
from tests.simulation.oracle.task_model import TaskModel

Body = dict[str, Any]
CALLBACKS = Invariant.CALLBACKS
TOO_LATE = "superseded", "its end is known"


class CallbackWaits:
    """Those of one partition. `expected`: the ends that the reports of the current batch must bring, by lane."""

    def __init__(self, runs: dict[str, RunModel], ended: list[tuple[str, int, str]]) -> None:
        self._runs, self._ended = runs, ended
        self.lanes: dict[tuple[str, int], bool] = {}
        self.expected: list[tuple[str, int, bool, Body]] = []
        self.done: set[tuple[str, int]] = set()

    def run_of(self, body: Body) -> RunModel:
        """What is known of the run of a wait."""
        run = body["run"]
        return self._runs.get(run["run_id"]) or RunModel(run["task_id"], run.get("attempt", 1))

    def wait_verdict(self, body: Body, task: TaskModel | None, was_cancelled: Callable[[], bool]) -> tuple[str, str]:
        """The verdict on a wait, and why."""
        run = self.run_of(body)
        if self._is_known(run, body["run"].get("attempt", 1)):
            return TOO_LATE
        if task is None or task.generation != body["run"]["generation"] or run.cancelled or was_cancelled():
            return "rejected", "its task was deleted, or the run was cancelled"
        return ACCEPTED

    def report_verdict(self, body: Body, task: TaskModel | None) -> tuple[str, str]:
        """The verdict on a report, and why."""
        run, attempt = self._runs.get(body["run_id"]), body["attempt"]
        if run is not None:
            replaced = run.pending is not None and attempt < run.pending[0]
            again = run.report is not None and run.report["attempt"] == attempt
            if run.cancelled or attempt <= run.waited or attempt < run.attempt or replaced or again:
                return TOO_LATE
        return ("rejected", "no such task") if task is None else ACCEPTED

    def wait(self, body: Body, at: int) -> None:
        """An accepted wait."""
        run_id, attempt = body["run"]["run_id"], body["run"].get("attempt", 1)
        run = self._runs.setdefault(run_id, self.run_of(body))
        self.lanes[run_id, attempt] = body.get("lane", "live") == "live"
        run.attempt, run.pending, run.waits = attempt, (attempt, max(second(body["until"]), at)), True
        early, run.report = run.report, None
        if early is not None and early["attempt"] == attempt:
            self._expect(run_id, run, early)

    def report(self, body: Body) -> None:
        """An accepted report."""
        run = self._runs.setdefault(body["run_id"], RunModel(body["task_id"]))
        if run.waits and run.pending is not None and run.pending[0] == body["attempt"]:
            self._expect(body["run_id"], run, body)
        else:
            run.report = body

    def refuse(self, body: Body, reason: str) -> None:
        """A wait that was refused ends its run, unless that attempt is known."""
        run_id, attempt, run = body["run"]["run_id"], body["run"].get("attempt", 1), self.run_of(body)
        if not self._is_known(run, attempt):
            self._ended.append((run_id, attempt, reason))
            self._runs[run_id] = run
            run.attempt = run.waited = attempt
            run.report = None

    def check_end(self, body: Body, batch: CommittedBatch, *, live: bool, ahead_ms: int) -> None:
        """An end that executors get: by a report of this batch, or because the time for it is over."""
        run_id, attempt = body["run"]["run_id"], body["run"].get("attempt", 1)
        detail = f"{body} became visible at {batch.ms}"
        require((run_id, attempt) not in self.done, Invariant.NEVER_TWICE, detail)
        self.done.add((run_id, attempt))
        require(live == self.lanes.get((run_id, attempt)), CALLBACKS, f"{detail}, in the other lane")
        if body.get("error", {}).get("kind") == "timeout":
            run = self._runs[run_id]
            waits = run.waits and run.pending is not None and run.pending[0] == attempt
            require(waits, CALLBACKS, f"{detail}, but does not wait: {run}")
            assert run.pending is not None
            require(batch.ms + ahead_ms >= run.pending[1] * 1000, Invariant.NEVER_EARLY, f"{detail}: {run}")
            run.waited, run.pending, run.waits, run.report = attempt, None, False, None
            return
        expected = next((one for one in self.expected if one[:3] == (run_id, attempt, live)), None)
        require(expected is not None, CALLBACKS, f"{detail}, but no report of this batch says so: {self.expected}")
        assert expected is not None
        self.expected.remove(expected)
        same = all(body.get(name) == expected[3].get(name) for name in ("result",))
        same = same and body["outcome"] == expected[3].get("outcome", "succeeded")
        require(same, CALLBACKS, f"{detail}, but the report was {expected[3]}")

    def check_batch(self) -> None:
        """A report that counts brings the end in the same batch."""
        require(not self.expected, CALLBACKS, f"reported, but executors do not get {self.expected}")

    def check_all(self, end: int) -> None:
        """Nothing waits after its time."""
        for run_id, run in self._runs.items():
            over = run.waits and run.pending is not None and run.pending[1] < end - 10
            require(not over, CALLBACKS, f"{run_id} still waits at {end}: {run}")

    def _is_known(self, run: RunModel, attempt: int) -> bool:
        return attempt <= run.waited or attempt < run.attempt or run.pending is not None

    def _expect(self, run_id: str, run: RunModel, report: Body) -> None:
        attempt = report["attempt"]
        self.expected.append((run_id, attempt, self.lanes[run_id, attempt], report))
        run.waited, run.pending, run.waits, run.report = attempt, None, False, None
