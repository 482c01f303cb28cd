"""`python -m tests.simulation`: many seeds, or one with its trace."""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext

from tests.simulation.oracle import verify
from tests.simulation.planted import PLANTED
from tests.simulation.promises import Broken
from tests.simulation.run import Failure, first_failure
from tests.simulation.world import simulate, small

PIECE = 250


def main() -> int:
    """Returns the exit code: 1 when a promise was broken."""
    words = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    words.add_argument("--seeds", type=int, default=2000, help="how many seeds")
    words.add_argument("--from", type=int, default=1, dest="first", help="the first seed")
    words.add_argument("--jobs", type=int, default=1, help="how many at a time")
    words.add_argument("--seed", type=int, help="only this one")
    words.add_argument("--trace", action="store_true", help="tell all that happens in it")
    words.add_argument("--plant", choices=sorted(PLANTED), help="with this bug planted")
    given = words.parse_args()
    with PLANTED[given.plant].patch() if given.plant else nullcontext():
        if given.seed is not None:
            return _one(given.seed, trace=given.trace)
        return _many(range(given.first, given.first + given.seeds), given.jobs, keep_going=not given.plant)


def _one(seed: int, *, trace: bool) -> int:
    with small():
        world = simulate(seed, trace=trace)
    for line in world.trace.lines:
        _say(line)
    try:
        verify(world)
    except Broken as broken:
        _say(str(Failure(seed, broken)))
        return 1
    _say(f"seed {seed} keeps every promise")
    return 0


def _many(seeds: range, jobs: int, *, keep_going: bool) -> int:
    pieces = [seeds[at : at + PIECE] for at in range(0, len(seeds), PIECE)]
    failures = 0
    with ProcessPoolExecutor(jobs) if jobs > 1 else nullcontext() as pool:
        found = pool.map(first_failure, pieces) if pool else map(first_failure, pieces)
        for piece, failure in zip(pieces, found, strict=True):
            _say(f"seeds {piece.start} to {piece.stop - 1}: {failure or 'every promise kept'}")
            failures += failure is not None
            if failure is not None and not keep_going:
                break
    return int(failures > 0)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
