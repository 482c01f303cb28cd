"""`python -m bench [--quick] [scenario …]`: measures on embedded backends of its own, and prints tables.

`python -m bench load` makes tasks for a Tasker that is running; `python -m bench schedules` asks the engine alone;
`python -m bench fill` writes a large population to MongoDB, `python -m bench reads` asks the API about one, and
`python -m bench pages` opens the web UI on one. `python -m bench peers` measures other schedulers beside Tasker,
`python -m bench soak` runs a whole Tasker for hours and names what grows, and `python -m bench capacity` says what a
run and a task cost, and what installations need.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Final

from bench import load
from bench.capacity import command as capacity
from bench.machine import describe_machine
from bench.pages import command as pages
from bench.peers import command as peers
from bench.population import fill
from bench.reads import command as reads
from bench.scenarios.registry import SCENARIOS, SERVICES
from bench.schedules import answer_times
from bench.soak import command as soak
from bench.table import print_table
from tasker_devstack.backends.backend_selection import running_backends
from tasker_devstack.errors import DevstackError
from tasker_devstack.isolated_system import System

COMMANDS: Final[dict[str, Callable[[list[str]], int]]] = {
    "load": load.main,
    "schedules": lambda _: answer_times.main(),
    "fill": fill.main,
    "reads": reads.main,
    "pages": pages.main,
    "peers": peers.main,
    "soak": soak.main,
    "capacity": capacity.main,
}
"""What is no scenario, by its name; each is given the words after it."""


async def measure(names: list[str], scale: int) -> None:
    """Run scenarios one after the other, each on a fresh system."""
    async with running_backends() as backends:
        for name in names:
            scenario = SCENARIOS[name]
            print(f"\n{name}: {(scenario.__doc__ or '').strip()}", file=sys.stderr, flush=True)
            with TemporaryDirectory(prefix="tasker-state-") as copies:
                mongodb = backends.mongodb.replace("/tasker?", f"/bench-{name}?")
                system = System(backends.kafka, mongodb, env={"TASKER_TICKER_STATE_DIR": copies})
                try:
                    await system.start(*SERVICES.get(name, ()))
                    print_table(name if scale == 1 else f"{name} (1/{scale})", await scenario(system, scale))
                finally:
                    await system.stop()


def main() -> int:
    """0 when all was measured."""
    command = COMMANDS.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if command is not None:
        return command(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help=f"of {', '.join(SCENARIOS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, to see that it works")
    given = parser.parse_args()
    if unknown := set(given.scenarios) - SCENARIOS.keys():
        parser.error(f"no scenario {', '.join(sorted(unknown))}: choose of {', '.join(SCENARIOS)}")
    print(describe_machine())
    try:
        asyncio.run(measure(given.scenarios or list(SCENARIOS), 10 if given.quick else 1))
    except (DevstackError, TimeoutError, ValueError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
