"""`python -m tests.chaos.storm`: break everything, in random order, and judge every second of it."""

import argparse
import asyncio
import random
import sys
from pathlib import Path

from tasker_devstack.errors import DevstackError
from tests.chaos.storm.acts import acts
from tests.chaos.storm.command import StormArguments, storm

NOT_JUDGED = 2


def main() -> int:
    """Returns the exit code: 1 when something was wrong, 2 when it can't be judged."""
    words = argparse.ArgumentParser(prog="python -m tests.chaos.storm", description=__doc__)
    words.add_argument("--minutes", type=float, default=10, help="how long acts go on")
    words.add_argument("--seed", type=int, help="repeats the acts of an earlier storm")
    words.add_argument("--rate", type=int, default=200, help="how many are due a second")
    words.add_argument("--acts", type=int, help="at most so many acts")
    words.add_argument("--only", action="append", default=[], metavar="ACT", help="those that begin so: 'kill kafka'")
    words.add_argument("--folder", type=Path, help="an empty folder for data and logs, which is kept")
    given = words.parse_args()
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    try:
        next(acts(seed, given.only))
    except ValueError as error:
        words.error(str(error))
    try:
        return asyncio.run(storm(StormArguments(given.minutes, seed, given.rate, given.acts, given.only, given.folder)))
    except (DevstackError, AssertionError, RuntimeError) as error:  # not up, or not to be judged
        sys.stderr.write(f"tests.chaos.storm: {error}: nothing is judged\n")
        return NOT_JUDGED


if __name__ == "__main__":
    sys.exit(main())
