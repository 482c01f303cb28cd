"""`python -m bench [--quick] [scenario …]`: measures on embedded backends of its own, and prints tables.

`python -m bench load` makes tasks for a Tasker that is running; `python -m bench schedules` asks the engine alone;
`python -m bench fill` writes a large population to MongoDB, `python -m bench reads` asks the API about one, and
`python -m bench pages` opens the web UI on one. `python -m bench peers` measures other schedulers beside Tasker,
and `python -m bench soak` runs a whole Tasker for hours and names what grows.
"""

import argparse
import asyncio
import sys

from bench import load
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


async def measure(names: list[str], scale: int) -> None:
    """Run scenarios one after the other, each on a fresh system."""
    async with running_backends() as backends:
        for name in names:
            scenario = SCENARIOS[name]
            print(f"\n{name}: {(scenario.__doc__ or '').strip()}", file=sys.stderr, flush=True)
            system = System(backends.kafka, backends.mongodb.replace("/tasker?", f"/bench-{name}?"))
            try:
                await system.start(*SERVICES.get(name, ()))
                print_table(name if scale == 1 else f"{name} (1/{scale})", await scenario(system, scale))
            finally:
                await system.stop()


def main() -> int:
    """0 when all was measured."""
    if sys.argv[1:2] == ["load"]:
        return load.main(sys.argv[2:])
    if sys.argv[1:2] == ["schedules"]:
        return answer_times.main()
    if sys.argv[1:2] == ["fill"]:
        return fill.main(sys.argv[2:])
    if sys.argv[1:2] == ["reads"]:
        return reads.main(sys.argv[2:])
    if sys.argv[1:2] == ["pages"]:
        return pages.main(sys.argv[2:])
    if sys.argv[1:2] == ["peers"]:
        return peers.main(sys.argv[2:])
    if sys.argv[1:2] == ["soak"]:
        return soak.main(sys.argv[2:])
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
