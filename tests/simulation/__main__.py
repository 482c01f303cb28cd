"""`python -m tests.simulation`: many seeds, or one with its trace."""

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from functools import partial

from tests.simulation.environment.world import simulate, small
from tests.simulation.mutations.catalog import PLANTED
from tests.simulation.runner import Failure, failures, judged

PIECE = 250


def main() -> int:
    """Returns the exit code: 1 when a promise was broken."""
    words = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    words.add_argument("--seeds", type=int, default=2000, help="how many seeds")
    words.add_argument("--from", type=int, default=1, dest="first", help="the first seed")
    words.add_argument("--jobs", type=int, default=1, help="how many at a time")
    words.add_argument("--seed", type=int, help="only this one")
    words.add_argument("--trace", action="store_true", help="tell all that happens in it")
    words.add_argument("--plant", choices=sorted(PLANTED), help="with this bug planted, up to where it is found")
    given = words.parse_args()
    if given.seed is not None:
        return _one(given.seed, given.plant, trace=given.trace)
    return _many(range(given.first, given.first + given.seeds), given.plant, given.jobs)


def _one(seed: int, plant: str | None, *, trace: bool) -> int:
    with PLANTED[plant].patch() if plant else nullcontext(), small():
        world = simulate(seed, trace=trace)
    for line in world.trace.lines:
        _say(line)
    failure = judged(world, plant)
    _say(str(failure) if failure else f"seed {seed} keeps every promise")
    return int(failure is not None)


def _many(seeds: range, plant: str | None, jobs: int) -> int:
    """Every failing seed is told of, and the others go on; with a bug planted, it ends where that is found."""
    size = min(PIECE, -(-len(seeds) // jobs))
    pieces = [seeds[at : at + size] for at in range(0, len(seeds), size)]
    failed = False
    for piece, found in zip(pieces, _tried(pieces, plant, jobs), strict=False):
        told = "\n".join(map(str, found)) or "every promise kept"
        _say(f"seeds {piece.start} to {piece.stop - 1}: {told}")
        failed |= bool(found)
        if found and plant:
            break
    return int(failed)


def _tried(pieces: list[range], plant: str | None, jobs: int) -> Iterator[list[Failure]]:
    work = partial(failures, plant=plant, most=1 if plant else None)
    if jobs == 1:
        yield from map(work, pieces)
        return
    pool = ProcessPoolExecutor(jobs)
    try:
        yield from pool.map(work, pieces)
    finally:
        pool.shutdown(cancel_futures=True)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
