"""`python -m tests.chaos.experiment`: break everything, in random order, and judge every second of it."""

import argparse
import asyncio
import random
import sys
from pathlib import Path

from tasker_devstack.errors import DevstackError
from tests.chaos.experiment.command import ExperimentArguments, run_experiment
from tests.chaos.experiment.faults import faults

NOT_JUDGED = 2


def main() -> int:
    """Returns the exit code: 1 when something was wrong, 2 when it can't be judged."""
    words = argparse.ArgumentParser(prog="python -m tests.chaos.experiment", description=__doc__)
    words.add_argument("--minutes", type=float, default=10, help="how long faults go on")
    words.add_argument("--seed", type=int, help="repeats the faults of an earlier experiment")
    words.add_argument("--rate", type=int, default=200, help="how many are due a second")
    words.add_argument("--faults", type=int, help="at most so many faults")
    words.add_argument("--only", action="append", default=[], metavar="FAULT", help="those that begin so: 'kill kafka'")
    words.add_argument("--folder", type=Path, help="an empty folder for data and logs, which is kept")
    given = words.parse_args()
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    try:
        next(faults(seed, given.only))
    except ValueError as error:
        words.error(str(error))
    try:
        wanted = ExperimentArguments(given.minutes, seed, given.rate, given.faults, given.only, given.folder)
        return asyncio.run(run_experiment(wanted))
    except (DevstackError, AssertionError, RuntimeError, TimeoutError) as error:  # not up, or not to be judged
        sys.stderr.write(f"tests.chaos.experiment: {error}: nothing is judged\n")
        return NOT_JUDGED


if __name__ == "__main__":
    sys.exit(main())
