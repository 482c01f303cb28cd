"""The ticker keeps its promises in simulated worlds, every planted bug is found, and a seed replays exactly."""

import os
import subprocess
import sys

import pytest

from tests.simulation.planted import PLANTED
from tests.simulation.run import first_failure

SEEDS = int(os.environ.get("SIMULATE_SEEDS", "2000"))
CHUNKS = 8
ENOUGH = 1_000
"""Within so many seeds every planted bug must be found."""


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_promise_is_kept(chunk: int) -> None:
    failure = first_failure(range(1 + SEEDS * chunk // CHUNKS, 1 + SEEDS * (chunk + 1) // CHUNKS))
    assert failure is None, str(failure)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found(name: str) -> None:
    plant = PLANTED[name]
    with plant.patch():
        failure = first_failure(range(1, ENOUGH + 1))
    assert failure is not None, f"{name}: not found within {ENOUGH} seeds"
    assert failure.broken.promise in plant.breaks, str(failure)


def test_a_seed_replays_exactly_whatever_the_hashes() -> None:
    traces: set[str] = set()
    for hashes in ("0", "1", "random"):
        command = [sys.executable, "-m", "tests.simulation", "--seed", "4", "--trace"]
        environment = {**os.environ, "PYTHONHASHSEED": hashes}
        traces.add(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
    (trace,) = traces
    assert "fault:" in trace
    assert "event" in trace
