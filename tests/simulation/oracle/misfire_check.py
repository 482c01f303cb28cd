"""What the misfire policy must make of each late occurrence, derived from what is newer at its recovery."""

from typing import Any

from tests.simulation.oracle.committed_log import CommittedBatch
from tests.simulation.oracle.emitted_runs import LIVE_SECONDS, EmittedRun, EmittedRuns, ReportedMiss
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.task_model import ExpectedOccurrence, TaskModel

Body = dict[str, Any]
POLICY = Invariant.MISFIRE_POLICY
_POLICY_OF_REASON = {"policy": "none", "coalesced": "latest", "over_max": "all"}
_CHANGES = ("paused", "deleted", "changed")


def check_misfires(task: TaskModel, emitted: EmittedRuns, ahead_ms: int) -> None:
    """Raises InvariantViolation when an occurrence ran or was missed against its policy.

    Where its task changed between the occurrence and the decision, the definition of before is not looked at again.
    """
    for nominal, expected in task.expected.items():
        run = emitted.runs.get((*task.key, nominal))
        if run is not None and not expected.at_once:
            _check_run(task, nominal, expected, run, emitted)
    for miss in emitted.missed.get(task.key, ()):
        for nominal, expected in task.expected.items():
            if miss.first <= nominal <= miss.last:
                _check_miss(task, nominal, expected, miss, emitted, ahead_ms)


def _check_run(
    task: TaskModel, nominal: int, expected: ExpectedOccurrence, run: EmittedRun, emitted: EmittedRuns
) -> None:
    recovered = _recovered(expected, run.batch, emitted) if not run.live else run.emitted
    policy, grace, limit = expected.misfire
    if _changed(task, expected, run.batch) or recovered - expected.effective <= grace:
        return
    newer = _newer(expected, recovered)
    detail = f"{run.body} ran {recovered - expected.effective} s late under {expected.misfire}"
    require(policy != "none", POLICY, detail)
    if not expected.calendar.once:
        require(policy != "latest" or not newer, POLICY, f"{detail}, though {newer} are newer than {nominal}")
        late = [at for at in newer if recovered - at > grace]
        require(policy != "all" or len(late) < limit, POLICY, f"{detail}, though {late} are newer than {nominal}")


def _check_miss(
    task: TaskModel,
    nominal: int,
    expected: ExpectedOccurrence,
    miss: ReportedMiss,
    emitted: EmittedRuns,
    ahead_ms: int,
) -> None:
    detail = f"nominal {nominal} of {task.task_id}, {expected}, was missed: {miss.reason}"
    if miss.reason not in _POLICY_OF_REASON:
        why = f"{detail}, but {task} did not change"
        require(miss.reason in _CHANGES and _changed(task, expected, miss.batch), POLICY, why)
        require(miss.reason != "deleted" or task.ended, POLICY, why)
        return
    recovered = _recovered(expected, miss.batch, emitted)
    if not any(after < expected.effective <= to for after, to in emitted.gaps.items()):
        recovered = (miss.batch.ms + ahead_ms) // 1000 + 1  # at the latest
    policy, grace, limit = expected.misfire
    if _changed(task, expected, miss.batch):
        return
    newer = _newer(expected, recovered)
    detail = f"{detail}, recovered at {recovered}"
    require(recovered - expected.effective > grace, POLICY, f"{detail}, within its grace")
    require(_POLICY_OF_REASON[miss.reason] == policy, POLICY, detail)
    require(policy != "latest" or bool(newer), POLICY, f"{detail}, though it was the newest")
    late = [at for at in newer if recovered - at > grace]
    require(policy != "all" or len(late) >= limit, POLICY, f"{detail}, though only {late} are newer")


def _recovered(expected: ExpectedOccurrence, batch: CommittedBatch, emitted: EmittedRuns) -> int:
    """When an occurrence in the background was found to be late: a gap ends ten seconds before that."""
    for after, to in emitted.gaps.items():
        if after < expected.effective <= to:
            return to + LIVE_SECONDS
    return batch.time  # the gap was opened and closed in one batch


def _newer(expected: ExpectedOccurrence, to: int) -> list[int]:
    """The effective times of the same definition after an occurrence, up to a second."""
    occurrences = expected.calendar.occurrences
    return [effective for _, effective in occurrences if expected.effective < effective <= to]


def _changed(task: TaskModel, expected: ExpectedOccurrence, batch: CommittedBatch) -> bool:
    return any(expected.effective <= at <= batch.deciding for at in task.changes)
