"""Every invariant holds in all simulations, and a seed replays exactly."""

import os
import pickle
import subprocess
import sys

import pytest

from tests.simulation.runner import failures, first_failure

SEEDS = int(os.environ.get("SIMULATE_SEEDS", "600"))
"""More take minutes: `make simulate` tries 2,000, on all processors."""
CHUNKS = 8
EARLY = "prepared batch committed before its second"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_invariant_holds(chunk: int) -> None:
    failure = first_failure(range(1 + SEEDS * chunk // CHUNKS, 1 + SEEDS * (chunk + 1) // CHUNKS))
    assert failure is None, str(failure)


def test_a_seed_replays_exactly_whatever_the_hashes() -> None:
    traces = {_run("--seed", "4", "--trace", hashes=hashes).stdout for hashes in ("0", "1", "random")}
    (trace,) = traces
    assert "fault:" in trace
    assert "event" in trace


def test_every_failing_seed_is_reported_with_its_replay_and_the_others_go_on() -> None:
    found = failures(range(1, 9), EARLY)
    assert len(found) > 1
    first = found[0]
    assert pickle.loads(pickle.dumps(first)).violation.args == first.violation.args
    ended = _run("--seeds", "8", "--jobs", "2", "--mutation", EARLY)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert str(first) in ended.stdout
    assert f"--seed {first.seed} --trace --mutation '{EARLY}'" in ended.stdout
    replayed = _run("--seed", str(first.seed), "--mutation", EARLY)
    assert (replayed.returncode, replayed.stdout) == (1, f"{first}\n")


def _run(*words: str, hashes: str = "random") -> subprocess.CompletedProcess[str]:
    """What the program says, and how it ends."""
    command = [sys.executable, "-m", "tests.simulation", *words]
    environment = {**os.environ, "PYTHONHASHSEED": hashes}
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
