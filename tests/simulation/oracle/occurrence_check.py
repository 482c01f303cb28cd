"""Every occurrence that had to be decided ran once, or was reported as missed once, and as it had to."""

from tests.simulation.oracle.committed_log import CommittedBatch
from tests.simulation.oracle.emitted_runs import LIVE_SECONDS, EmittedRun, EmittedRuns
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.partition_model import PartitionModel
from tests.simulation.oracle.reference_calendar import second
from tests.simulation.oracle.task_model import ExpectedOccurrence, TaskModel


def check_occurrences(model: PartitionModel, emitted: EmittedRuns, last: CommittedBatch) -> None:
    """Raises InvariantViolation unless every occurrence up to the last watermark ran or was missed as it had to."""
    for task in model.all.values():
        decided = last.decided(task.task_id)
        if not task.ended:
            task.list_to(decided)
        _check_task(task, emitted, decided)
    for (task_id, generation, _), run in emitted.runs.items():
        known = (task_id, generation) in model.all
        require(known, Invariant.NOT_RETROACTIVE, f"{run.body}: there is no such task")
    for identity, run in model.runs.items():
        overdue = run.pending is not None and run.pending[1] <= last.time - LIVE_SECONDS
        require(not overdue, Invariant.RETRIES_AND_CANCELS, f"run {identity}: {run} was never emitted")
    for backfill in model.backfills.values():
        require(backfill.ended, Invariant.BACKFILL_ONCE, f"{backfill} is not done at {last.time}")


def _check_task(task: TaskModel, emitted: EmittedRuns, decided: int) -> None:
    runs = {nominal: run for (*of, nominal), run in emitted.runs.items() if (*of,) == task.key}
    missed = emitted.missed.get(task.key, [])
    counted = 0
    for nominal, run in runs.items():
        expected = task.expected.get(nominal)
        detail = f"{run.body} became visible at {run.batch.ms}"
        not_expected = f"{detail}, though no definition that held then has it"
        require(expected is not None, Invariant.NOT_RETROACTIVE, not_expected)
        assert expected is not None
        _check_version(task, run, expected, detail)
        if (limit := task.bodies[run.body["version"]]["schedule"].get("max_runs")) is not None:
            counted += 1
            require(counted <= limit, Invariant.NOT_RETROACTIVE, f"{detail}: run {counted} of at most {limit}")
    for nominal, expected in task.expected.items():
        if expected.effective > decided:
            continue
        detail = f"task {task.task_id} of {task.generation}, nominal {nominal}, {expected}"
        misses = [miss for miss in missed if miss.first <= nominal <= miss.last]
        twice = f"{detail}: run {runs.get(nominal)}, missed {misses}"
        require(len(misses) + (nominal in runs) <= 1, Invariant.NEVER_TWICE, twice)
        if not misses and nominal not in runs:
            limit = task.bodies[expected.version]["schedule"].get("max_runs")
            used_up = limit is not None and len(runs) >= limit
            require(used_up, Invariant.NEVER_LOST, f"{detail}: neither run nor missed")


def _check_version(task: TaskModel, run: EmittedRun, expected: ExpectedOccurrence, detail: str) -> None:
    body, invariant = run.body, Invariant.NOT_RETROACTIVE
    same = second(body["effective_at"]) == expected.effective
    require(same, invariant, f"{detail}, but is effective at {expected.effective}")
    payload = task.bodies.get(body["version"], {}).get("payload")
    require(body.get("payload") == payload, invariant, f"{detail}: version {body['version']} has the payload {payload}")
    if run.live and not expected.at_once:
        decided = run.before is not None and expected.effective <= run.before.decided(task.task_id)
        require(not decided, Invariant.WHOLE_BATCHES, f"{detail}, but the batch before it was past that already")
        right = expected.calendar.is_next(expected.effective, second(body["nominal_at"]), body.get("next_at"))
        require(right, Invariant.NEXT_TIME, detail)
        late = run.emitted - expected.effective
        require(late <= LIVE_SECONDS, Invariant.LIVE_FIRST, f"{detail}, {late} s late, as if on time")
    if run.live or expected.at_once:
        right = body["version"] == expected.version
        require(right, invariant, f"{detail}, under version {expected.version} it should be")
    else:
        right = body["version"] >= expected.version
        require(right, invariant, f"{detail}, under an older version than {expected.version}")
