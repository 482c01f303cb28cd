"""`python -m bench pages`: what the web UI's pages cost a browser on a large Tasker, while runs are being logged.

A population is written to an embedded MongoDB (`bench fill`); a real Chromium asks a real API process, while a real log
sink logs the runs that come meanwhile. First loads are cold, on this machine as it is and on a line and a processor as
slow as Lighthouse's; then somebody works with lists, and looks at pages that are left open.
"""

import argparse
import asyncio
import json
import os
import shutil
from asyncio.subprocess import PIPE
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from bench.population.kept_population import add_options, populated_system, run_command
from bench.reads.steady_log import steady_log
from bench.table import print_columns
from tasker_devstack.errors import DevstackError
from tasker_devstack.isolated_system import System
from tasker_devstack.paths import WEB

SCRIPT: Final = Path(__file__).with_name("browser.mjs")
SECONDS: Final = 1_800

Cell = Callable[[float], str]


def _ms(value: float) -> str:
    return f"{value:,.0f}"


def _kb(value: float) -> str:
    return f"{value / 1000:,.0f}"


def _mb(value: float) -> str:
    return f"{value / 1_000_000:+,.1f}"


TABLES: Final[Mapping[str, Mapping[str, tuple[str, Cell]]]] = {
    "load": {
        "paint": ("first content ms", _ms),
        "largest": ("largest content ms", _ms),
        "ready": ("all there ms", _ms),
        "blocked": ("blocked ms", _ms),
        "script": ("script kB", _kb),
        "style": ("style kB", _kb),
        "font": ("fonts kB", _kb),
        "api": ("API kB", _kb),
        "other": ("other kB", _kb),
    },
    "act": {"median": ("p50 ms", _ms), "greatest": ("max ms", _ms), "event": ("longest event ms", _ms)},
    "watch": {
        "p50": ("frame p50 ms", _ms),
        "p95": ("p95 ms", _ms),
        "p99": ("p99 ms", _ms),
        "greatest": ("max ms", _ms),
        "blocked": ("in long tasks %", _ms),
        "grown": ("heap MB", _mb),
    },
}
"""By the kind of a line of the script: its columns, and how each is shown."""


def main(arguments: list[str]) -> int:
    """0 when all was measured, whatever it took; 1 when it could not be; 2 for wrong arguments."""
    parser = argparse.ArgumentParser(prog="bench pages", description=__doc__)
    add_options(parser, rate=500)
    parser.add_argument("--count", type=int, default=5, metavar="N", help="times of each load and deed (default: 5)")
    given = parser.parse_args(arguments)

    async def work() -> None:
        async with (
            populated_system(given, WEB / "dist") as (system, population),
            steady_log(system, population, given.rate) as log,
        ):
            found = await _browse(system, given.count)
            print(f"meanwhile {log.sent:,} runs were reported, {given.rate} a second")
        for kind, columns in TABLES.items():
            rows = [_row(line, kind, columns) for line in found if kind in line]
            print_columns([[kind, *(title for title, _ in columns.values())], *rows])

    return run_command(parser.prog, work)


def _row(line: dict[str, Any], kind: str, columns: Mapping[str, tuple[str, Cell]]) -> list[str]:
    name = f"{line[kind]}, {line['line']}" if "line" in line else line[kind]
    return [name, *(show(line[key]) for key, (_, show) in columns.items())]


async def _browse(system: System, count: int) -> list[dict[str, Any]]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise DevstackError(
            "Chromium is missing: `scripts/bootstrap chromium` installs it, or set CHROMIUM to its path"
        )
    url = system.api_url.replace("127.0.0.1", "localhost")
    browser = await asyncio.create_subprocess_exec(
        "node", SCRIPT, url, str(count), env=os.environ | {"CHROMIUM": chromium}, stdout=PIPE
    )
    found = list[dict[str, Any]]()
    try:
        async with asyncio.timeout(SECONDS):
            assert browser.stdout
            async for line in browser.stdout:
                print(line.decode().rstrip(), flush=True)
                found.append(json.loads(line))
            status = await browser.wait()
    finally:
        if browser.returncode is None:
            browser.kill()
            await browser.wait()
    if status:
        raise DevstackError(f"the browser's script ended with {status}: see above")
    return found
