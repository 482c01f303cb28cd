"""`python -m bench reads`: the 50th, 95th and 99th percentile of every read over HTTP, while runs are being logged.

A population is written to an embedded MongoDB (`bench fill`), then a real API process is asked, one request after the
other, the kinds of requests by turns; a real log sink logs the runs that come meanwhile. With `--folder` the data is
kept, and used again.
"""

import argparse
import asyncio
import sys
import time
from contextlib import AsyncExitStack
from datetime import datetime
from random import Random
from typing import Final

import httpx

from bench.population.fill import Population
from bench.population.kept_population import add_options, populated_system, run_command
from bench.reads.requests import Sample, requests
from bench.reads.steady_log import steady_log
from bench.table import percentile, print_columns
from tasker_devstack.isolated_system import System

WARM_UP: Final = 3
LOG_SECONDS: Final = 30
HEADER: Final = ("request", "count", "p50 ms", "p95 ms", "p99 ms", "max ms", "kept")


def main(arguments: list[str]) -> int:
    """0 when all was measured, whatever it took; 1 when it could not be; 2 for wrong arguments."""
    parser = argparse.ArgumentParser(prog="bench reads", description=__doc__)
    add_options(parser, rate=1_000)
    parser.add_argument("--count", type=int, default=100, metavar="N", help="requests of each kind (default: 100)")
    parser.add_argument("--only", default="", metavar="TEXT", help="only kinds of requests whose name has this text")
    given = parser.parse_args(arguments)

    async def work() -> None:
        async with populated_system(given) as (system, population):
            await _measure(system, population, given)

    return run_command(parser.prog, work)


async def _measure(system: System, population: Population, given: argparse.Namespace) -> None:
    kinds = {name: make for name, make in requests().items() if given.only in name}
    sample, times = Sample(population, Random(1)), {name: list[float]() for name in kinds}
    targets, refused = dict[str, int](), dict[str, str]()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(system.client(30))
        log = await stack.enter_async_context(steady_log(system, population, given.rate)) if given.rate else None
        began = time.monotonic()
        for turn in range(WARM_UP + given.count):
            done = f"{turn} of {WARM_UP + given.count} requests of each of {len(kinds)} kinds"
            print(f"{done}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            for name, make in kinds.items():
                request = make(sample)
                targets[name] = request.target
                sent = time.perf_counter()
                if request.body is None:
                    answer = await client.get(request.path, params=request.query)
                else:
                    answer = await client.post(request.path, json=request.body)
                if not answer.is_success:
                    refused[name] = f"{answer.status_code}: {answer.text[:200]}"
                elif turn >= WARM_UP:
                    times[name].append((time.perf_counter() - sent) * 1000)
        seconds = time.monotonic() - began
    print_columns([list(HEADER), *(_row(name, ms, targets[name]) for name, ms in times.items() if ms)])
    for name, why in refused.items():
        print(f"{name}: {why}")
    if log is not None:
        print(f"\nmeanwhile {log.sent:,} runs were reported, {log.sent / seconds:,.0f} a second")
        print(await _logged(client_url=system.api_url, sent=log.sent))


def _row(name: str, ms: list[float], target: int) -> list[str]:
    shown = (*(percentile(ms, share) for share in (0.5, 0.95, 0.99)), max(ms))
    return [
        name,
        str(len(ms)),
        *(f"{value:,.1f}" for value in shown),
        "yes" if shown[1] <= target else f"no ({target})",
    ]


async def _logged(client_url: str, sent: int) -> str:
    """How long the newest runs took into the log."""
    async with httpx.AsyncClient(base_url=f"{client_url}/api/v1", timeout=LOG_SECONDS) as client:
        await asyncio.sleep(2)
        runs = (await client.get("/runs", params={"limit": 200})).json()["items"]
    ages = sorted(_seconds(run["logged_at"]) - _seconds(run["finished_at"]) for run in runs if run["finished_at"])
    return (
        f"of the newest {len(ages)} runs the slowest was logged {ages[-1]:.2f} s after its end" if ages else "no runs"
    )


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
