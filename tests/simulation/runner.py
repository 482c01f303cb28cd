"""Runs seeds, and says which of them violate an invariant, and which."""

import shlex
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice

from tests.simulation.environment.scenario import simulate, without_side_effects
from tests.simulation.environment.simulation import Simulation
from tests.simulation.mutations.catalog import MUTATIONS
from tests.simulation.oracle.invariants import Invariant, InvariantViolation
from tests.simulation.oracle.partition_oracle import verify


@dataclass(frozen=True)
class SeedFailure:
    """A seed, the violation that it shows, and the bug that was planted, if any. Can be pickled."""

    seed: int
    violation: InvariantViolation
    mutation: str | None = None

    def __str__(self) -> str:
        words = ["python", "-m", "tests.simulation", "--seed", str(self.seed), "--trace"]
        replay = shlex.join([*words, "--mutation", self.mutation] if self.mutation else words)
        return f"seed {self.seed} violates an invariant: {self.violation}\nReplay it with: {replay}"


def check(simulation: Simulation, mutation: str | None = None) -> SeedFailure | None:
    """What the oracle says of a simulation that has ended; None when every invariant holds."""
    try:
        verify(simulation)
    except InvariantViolation as violation:
        return SeedFailure(simulation.seed, violation, mutation)
    except Exception:  # noqa: BLE001 -- a simulation that the oracle does not understand must not hide the other seeds
        violation = InvariantViolation(Invariant.NO_UNFORESEEN_ERROR, traceback.format_exc())
        return SeedFailure(simulation.seed, violation, mutation)
    return None


def failures(seeds: range, mutation: str | None = None, limit: int | None = None) -> list[SeedFailure]:
    """Run seeds, with a bug planted or none; up to `limit` failures, after which the rest is not tried."""
    run: Callable[[int], SeedFailure | None] = partial(_run, mutation)
    with MUTATIONS[mutation].patch() if mutation else nullcontext(), without_side_effects():
        return list(islice(filter(None, map(run, seeds)), limit))


def first_failure(seeds: range, mutation: str | None = None) -> SeedFailure | None:
    """The first failure of some seeds."""
    return next(iter(failures(seeds, mutation, 1)), None)


def _run(mutation: str | None, seed: int) -> SeedFailure | None:
    return check(simulate(seed), mutation)
