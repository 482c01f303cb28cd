"""The runs of a population: for each round of its history the tasks that ran in it, as executors would report them."""

from typing import Any, Final

from msgspec import Raw

from bench.population.schedules import DAY
from bench.population.tasks import MadeTask, last_nominal
from tasker_core.ids import run_id
from tasker_core.messages.runs import Outcome, RunError, RunFinished
from tasker_core.time.instant import rfc3339, rfc3339_second

ROUNDS: Final = 30
HISTORY: Final = 25 * DAY
"""Shorter than runs are kept, so that none expires while one measures."""
_SHARES: Final = (30, 5, 5, 5, 1, 1, 1, 1, 1, 0)
"""Of ten tasks, how many runs each has: five on average."""
USUAL_RUNS: Final = sum(_SHARES) / len(_SHARES)
TAIL: Final = 12
"""So many runs of a task that always fails are told to its document."""
_WORKERS: Final = tuple(f"executor-{n}" for n in range(4))
_ERROR: Final = RunError("http_status", "503 Service Unavailable after 1 attempt: the server is overloaded")
_RESULT: Final = Raw(b'{"status":200,"bytes":5120,"body":"{\\"accepted\\":true,\\"rows\\":118}"}')


def runs_of(number: int, factor: float) -> int:
    """How many runs a task has; `factor` times the usual number."""
    return min(ROUNDS, round(_SHARES[number * 7919 % len(_SHARES)] * factor))


def run_in_round(task: MadeTask, round_number: int, now: int) -> RunFinished | None:
    """What became of the task's last occurrence before a round; None when the round before had the same one."""
    if task.schedule.is_one_time and (not task.is_over or round_number < ROUNDS - 1):
        return None
    length = HISTORY // ROUNDS
    until = now - HISTORY + (round_number + 1) * length - task.number % 3_600
    nominal = last_nominal(task.schedule, until)
    if nominal is None or nominal < until - length * 40:
        return None
    if round_number and nominal == last_nominal(task.schedule, until - length):
        return None
    return reported_run(task, nominal)


def reported_run(task: MadeTask, nominal: int) -> RunFinished:
    """The report of an occurrence, always the same one. Nearly all have succeeded."""
    accepted, number = task.accepted, task.number
    chance = (number * 31 + nominal * 17) % 1000
    outcome: Outcome = "succeeded"
    if number % 200 == 11 or chance < 15:
        outcome = "failed"
    elif chance < 20:
        outcome = "skipped" if chance % 2 else "cancelled"
    emitted, took = nominal * 1000 + 8, 20 + chance * 3
    at: dict[str, Any] = {"nominal_at": rfc3339_second(nominal), "effective_at": rfc3339_second(nominal)}
    return RunFinished(
        run_id=run_id(accepted.id, task.generation, "scheduled", nominal),
        task_id=accepted.id,
        task_name=accepted.name,
        generation=task.generation,
        version=task.version,
        emitted_at=rfc3339(emitted),
        received_at=rfc3339(emitted + 3),
        started_at=None if outcome == "skipped" else rfc3339(emitted + 4),
        finished_at=rfc3339(emitted + 4 + took),
        handler=accepted.handler,
        payload=accepted.payload,
        outcome=outcome,
        result=_RESULT if outcome == "succeeded" else Raw(b"null"),
        error=_ERROR if outcome == "failed" else None,
        worker=_WORKERS[number % len(_WORKERS)],
        **at,
    )
