"""PURE. The statistics of runs that are in the log: the same as what their batches have added."""

from collections.abc import Callable, Iterable, Mapping

from tasker_core.documents.runs import RunDocument
from tasker_core.statistics.first_attempt import FirstAttempt, logged_first_attempt
from tasker_core.statistics.run_statistics import Group, RunStatistics
from tasker_log_sink.projection.batch_statistics import outcome_group


def logged_statistics(runs: Iterable[RunDocument], partition_of: Callable[[str], int]) -> Mapping[Group, RunStatistics]:
    """What counts of runs, by minute, handler and partition; `partition_of` tells that of a task."""
    found: dict[Group, RunStatistics] = {}
    attempts: dict[Group, list[tuple[FirstAttempt, int]]] = {}
    for run in runs:
        partition = partition_of(run["task_id"])
        if (ended := outcome_group(run, partition)) is not None:
            minute, handler, _, outcome = ended
            counts = found.setdefault((minute, handler, partition), RunStatistics()).outcomes
            counts[outcome] = counts.get(outcome, 0) + 1
        if (measured := logged_first_attempt(run, partition)) is not None:
            first = measured[0]
            attempts.setdefault((first.due_ms // 60_000, first.handler, partition), []).append(measured)
    for group, some in attempts.items():
        found.setdefault(group, RunStatistics()).add_attempts(some)
    return found
