"""What each log line about a run bears, under the same names everywhere."""

from contextvars import ContextVar

from tasker_core.messages.runs import Run

_partition: ContextVar[int | None] = ContextVar("partition", default=None)


def set_partition(number: int) -> None:
    """What is executed in this context from now on is a run of this partition: handlers are not told."""
    _partition.set(number)


def current_partition() -> int | None:
    """The partition of the run that is executed in this context."""
    return _partition.get()


def run_fields(run: Run, partition: int | None = None) -> dict[str, str | int | None]:
    """The fields of a line about a run, of the partition of this context or of the one that is given."""
    where = current_partition() if partition is None else partition
    return {
        "trace_id": run.run_id,
        "task_id": run.task_id,
        "run_id": run.run_id,
        "attempt": run.attempt,
        "partition": where,
    }
