"""`python -m bench peers`: Tasker and other schedulers, with the same work, on the same machine, in one run.

Each work is done by one peer after the other, each on an empty one of its own, which is started for it on free ports.
What a peer needs is installed from public packages into `.tasker/peers/`. Tables are printed in the end; the figures
are written as JSON after each step. What fails is said, and the rest goes on.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bench.machine import describe_machine
from bench.peers.comparison import Comparison
from bench.peers.registry import PEERS, REFERENCE
from bench.peers.report import report_lines
from bench.peers.work.registry import WORKS
from bench.peers.work.work import FULL, QUICK, say
from tasker_devstack.paths import STATE
from tasker_runtime.clock import utc_now

RESULTS: Final = STATE / "peers" / "results"


def main(arguments: list[str]) -> int:
    """0 when all was measured, 1 when something failed, 2 for wrong arguments."""
    parser = argparse.ArgumentParser(prog="bench peers", description=__doc__)
    parser.add_argument("peers", nargs="*", metavar="NAME", help=f"of {', '.join(PEERS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument(
        "--only", nargs="+", choices=list(WORKS), metavar="WORK", help=f"of {', '.join(WORKS)}; default: all"
    )
    parser.add_argument("--folder", type=Path, default=RESULTS, help="where the JSON goes (default: %(default)s)")
    parser.add_argument(
        "--page",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="measure nothing: the tables of these JSONs in Markdown, each work of the run in which most peers did it",
    )
    given = parser.parse_args(arguments)
    if given.page is not None:
        return _print_page(given.page)
    if unknown := set(given.peers) - PEERS.keys():
        parser.error(f"no peer {', '.join(sorted(unknown))}: choose of {', '.join(PEERS)}")
    names = [name for name in PEERS if name in given.peers or not given.peers]
    works = [work for work in WORKS.values() if not given.only or work.name in given.only]
    began, machine = utc_now(), describe_machine()
    file = given.folder / f"{began:%Y%m%dT%H%M%SZ}.json"
    head = {"machine": machine, "began": began.isoformat(), "quick": given.quick, "reference": REFERENCE}
    comparison = Comparison(file, head)

    try:
        asyncio.run(comparison.measure({name: PEERS[name] for name in names}, works, QUICK if given.quick else FULL))
    except KeyboardInterrupt:
        say("bench peers: interrupted; what was measured until now:")
    print(machine)
    print("\n".join(report_lines(comparison.peers, WORKS, REFERENCE)))
    print(f"\n{file}")
    found = [one for peer in comparison.peers.values() for one in peer["works"].values()]
    return 1 if len(found) < len(names) * len(works) or any("failed" in one for one in found) else 0


def _print_page(files: Sequence[Path]) -> int:
    runs = [json.loads(file.read_text()) for file in files]
    peers = dict[str, dict[str, Any]]()
    for work in WORKS:
        fullest = max(reversed(runs), key=lambda run: sum(work in peer["works"] for peer in run["peers"].values()))
        for key, peer in fullest["peers"].items():
            if work in peer["works"]:
                peers.setdefault(key, {**peer, "works": {}})["works"][work] = peer["works"][work]
    heads = (f"Measured on {run['began'][:10]} with `python -m bench peers`: {run['machine']}." for run in runs)
    print("\n".join(dict.fromkeys(heads)))
    print("\n".join(report_lines(peers, WORKS, REFERENCE, markdown=True)))
    return 0
