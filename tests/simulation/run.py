"""Runs seeds, and tells of the first that breaks a promise."""

from dataclasses import dataclass

from tests.simulation.oracle import verify
from tests.simulation.promises import Broken
from tests.simulation.world import simulate, small


@dataclass(frozen=True)
class Failure:
    """A seed, and the promise that it shows to be broken."""

    seed: int
    broken: Broken

    def __str__(self) -> str:
        replay = f"python -m tests.simulation --seed {self.seed} --trace"
        return f"seed {self.seed} breaks a promise: {self.broken}\nReplay it with: {replay}"


def tried(seed: int) -> Failure | None:
    """Live through one seed, within `small()`; None when every promise was kept."""
    world = simulate(seed)
    try:
        verify(world)
    except Broken as broken:
        return Failure(seed, broken)
    return None


def first_failure(seeds: range) -> Failure | None:
    """The first failure of some seeds."""
    with small():
        return next((failure for seed in seeds if (failure := tried(seed)) is not None), None)
