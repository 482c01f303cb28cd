"""Runs seeds, and tells which of them break a promise, and which."""

import shlex
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice

from tests.simulation.environment.world import World, simulate, small
from tests.simulation.mutations.catalog import PLANTED
from tests.simulation.oracle.invariants import Broken
from tests.simulation.oracle.partition_oracle import verify


@dataclass(frozen=True)
class Failure:
    """A seed, the promise that it shows to be broken, and the bug that was planted, if any. Can be pickled."""

    seed: int
    broken: Broken
    plant: str | None = None

    def __str__(self) -> str:
        words = ["python", "-m", "tests.simulation", "--seed", str(self.seed), "--trace"]
        replay = shlex.join([*words, "--plant", self.plant] if self.plant else words)
        return f"seed {self.seed} breaks a promise: {self.broken}\nReplay it with: {replay}"


def judged(world: World, plant: str | None = None) -> Failure | None:
    """What the oracle says of a world that was lived through; None when every promise was kept."""
    try:
        verify(world)
    except Broken as broken:
        return Failure(world.seed, broken, plant)
    except Exception:  # noqa: BLE001 -- a world that the oracle does not understand must not hide the other seeds
        return Failure(world.seed, Broken("no error that nobody foresaw", traceback.format_exc()), plant)
    return None


def failures(seeds: range, plant: str | None = None, most: int | None = None) -> list[Failure]:
    """Live through seeds, with a bug planted or none; up to `most` failures, after which the rest is not tried."""
    tried: Callable[[int], Failure | None] = partial(_tried, plant)
    with PLANTED[plant].patch() if plant else nullcontext(), small():
        return list(islice(filter(None, map(tried, seeds)), most))


def first_failure(seeds: range, plant: str | None = None) -> Failure | None:
    """The first failure of some seeds."""
    return next(iter(failures(seeds, plant, 1)), None)


def _tried(plant: str | None, seed: int) -> Failure | None:
    return judged(simulate(seed), plant)
