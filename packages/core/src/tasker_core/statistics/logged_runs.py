"""PURE. The statistics of runs that are in the log: the same as what their batches have added."""

from collections.abc import Callable, Iterable, Mapping

from tasker_core.documents.runs import RunContent, RunDocument
from tasker_core.messages.runs import Outcome
from tasker_core.run_states import is_final
from tasker_core.statistics.first_attempt import COUNTED_KINDS, FirstAttempt, logged_first_attempt
from tasker_core.statistics.run_statistics import Group, RunStatistics
from tasker_core.time.instant import to_ms

OutcomeGroup = tuple[int, str, int, Outcome, bool]
"""(epoch minute, handler, partition, outcome, whether backfilled)."""


def outcome_group(run: RunContent, partition: int) -> OutcomeGroup | None:
    """Where the end of a run counts; None when it has not ended, or counts nowhere.

    Runs count in the minute in which they were due, backfilled ones in that in which they ended.
    """
    state = run["state"]
    if not is_final(state) or run["kind"] not in COUNTED_KINDS:
        return None
    at, backfilled = run["effective_at"], run["kind"] == "backfill"
    if backfilled:
        at = run["finished_at"] or at
    return to_ms(at) // 60_000, run["handler"], partition, state, backfilled


def logged_statistics(runs: Iterable[RunDocument], partition_of: Callable[[str], int]) -> Mapping[Group, RunStatistics]:
    """What counts of runs, by minute, handler and partition; `partition_of` tells that of a task."""
    found: dict[Group, RunStatistics] = {}
    attempts: dict[Group, list[tuple[FirstAttempt, int]]] = {}
    for run in runs:
        partition = partition_of(run["task_id"])
        if (ended := outcome_group(run, partition)) is not None:
            minute, handler, _, outcome, backfilled = ended
            group = found.setdefault((minute, handler, partition), RunStatistics())
            counts = group.backfilled if backfilled else group.outcomes
            counts[outcome] = counts.get(outcome, 0) + 1
        if (measured := logged_first_attempt(run, partition)) is not None:
            first = measured[0]
            attempts.setdefault((first.due_ms // 60_000, first.handler, partition), []).append(measured)
    for group, some in attempts.items():
        found.setdefault(group, RunStatistics()).add_attempts(some)
    return found
