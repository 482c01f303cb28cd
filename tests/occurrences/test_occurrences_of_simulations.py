"""The same in minutes full of faults: real owners on a simulated log, with seconds, spread and clocks that change."""

from random import Random
from typing import Final

import msgspec
import pytest

from tests.occurrences.comparison import compare
from tests.occurrences.written_log import WrittenLog
from tests.simulation.environment.scenario import simulate, without_side_effects
from tests.simulation.environment.simulation import Simulation
from tests.simulation.oracle.committed_log import committed_batches

SEEDS: Final = 40
CHUNKS: Final = 2
_BEFORE, _AFTER = 180, 300


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_nominal_time_of_a_simulation_has_one_answer_the_right_one(chunk: int) -> None:
    for seed in range(1 + SEEDS * chunk // CHUNKS, 1 + SEEDS * (chunk + 1) // CHUNKS):
        with without_side_effects():
            simulation = simulate(seed)
        begin = simulation.epoch.second - simulation.epoch.second % 60 - _BEFORE
        for partition in range(simulation.partitions):
            log = written_log(simulation, partition)
            for task_id in sorted({one["task_id"] for one in log.records["verdicts"] if "/" not in one["task_id"]}):
                compare(task_id, log, begin, begin + _BEFORE + _AFTER)


def written_log(simulation: Simulation, partition: int) -> WrittenLog:
    """What the owners of a partition have written."""
    log = WrittenLog(Random(simulation.seed))
    log.now = simulation.end_ms // 1000
    for batch in committed_batches(simulation.broker, partition):
        for topic, bodies in (("due-tasks", batch.due), ("due-background", batch.background)):
            for body in bodies:
                log.add(topic, None, msgspec.json.encode(body))
        for body in batch.verdicts:
            log.add("verdicts", None, msgspec.json.encode(body))
        log.watermark = batch.watermark
    for other in set(range(simulation.partitions)) - {partition}:
        for batch in committed_batches(simulation.broker, other):
            for body in batch.verdicts:
                if body.get("event_type") == "calendar":
                    log.add("verdicts", None, msgspec.json.encode(body))
    log.report_runs(unreported_after=log.now - 5)
    return log
