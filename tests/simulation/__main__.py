"""`python -m tests.simulation`: many seeds, or one with its trace."""

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from functools import partial

from tests.simulation.environment.scenario import simulate, without_side_effects
from tests.simulation.mutations.catalog import MUTATIONS
from tests.simulation.runner import SeedFailure, check, failures

PIECE = 250


def main() -> int:
    """Returns the exit code: 1 when an invariant is violated."""
    words = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    words.add_argument("--seeds", type=int, default=2000, help="how many seeds")
    words.add_argument("--from", type=int, default=1, dest="first", help="the first seed")
    words.add_argument("--jobs", type=int, default=1, help="how many at a time")
    words.add_argument("--seed", type=int, help="only this one")
    words.add_argument("--trace", action="store_true", help="show all that happens in it")
    words.add_argument("--mutation", choices=sorted(MUTATIONS), help="with this bug planted, up to where it is found")
    given = words.parse_args()
    if given.seed is not None:
        return _one(given.seed, given.mutation, trace=given.trace)
    return _many(range(given.first, given.first + given.seeds), given.mutation, given.jobs)


def _one(seed: int, mutation: str | None, *, trace: bool) -> int:
    with MUTATIONS[mutation].patch() if mutation else nullcontext(), without_side_effects():
        simulation = simulate(seed, trace=trace)
    for line in simulation.trace.lines:
        _say(line)
    failure = check(simulation, mutation)
    _say(str(failure) if failure else f"seed {seed}: every invariant holds")
    return int(failure is not None)


def _many(seeds: range, mutation: str | None, jobs: int) -> int:
    """Every failing seed is reported, and the others go on; with a bug planted, it ends where that is found."""
    size = min(PIECE, -(-len(seeds) // jobs))
    pieces = [seeds[at : at + size] for at in range(0, len(seeds), size)]
    failed = False
    for piece, found in zip(pieces, _tried(pieces, mutation, jobs), strict=False):
        report = "\n".join(map(str, found)) or "every invariant holds"
        _say(f"seeds {piece.start} to {piece.stop - 1}: {report}")
        failed |= bool(found)
        if found and mutation:
            break
    return int(failed)


def _tried(pieces: list[range], mutation: str | None, jobs: int) -> Iterator[list[SeedFailure]]:
    work = partial(failures, mutation=mutation, limit=1 if mutation else None)
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
