"""A population that is made once and used again: its folder, its backends, and a system that reads it."""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from bench.machine import describe_machine
from bench.population.fill import NoSpace, Population, add_sizes, fill, require_space
from tasker_devstack.backends.backend_selection import running_backends
from tasker_devstack.errors import DevstackError
from tasker_devstack.isolated_system import System
from tasker_runtime.clock import SystemClock
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

PREFIX: Final = "bench"


def add_options(parser: argparse.ArgumentParser, *, rate: int) -> None:
    """How large it is, how many runs are logged a second meanwhile, and where it is kept."""
    add_sizes(parser)
    parser.add_argument("--rate", type=int, default=rate, metavar="N", help=f"runs logged a second (default: {rate})")
    parser.add_argument("--cache", type=float, default=4, metavar="GB", help="MongoDB's cache (default: 4)")
    parser.add_argument("--folder", type=Path, help="keep the data here; what is there is used again")


def run_command(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> int:
    """0 when all was measured, whatever it took; 1 when it could not be."""
    print(describe_machine())
    try:
        asyncio.run(work())
    except (DevstackError, TimeoutError, ValueError, NoSpace) as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 1
    return 0


@asynccontextmanager
async def populated_system(
    given: argparse.Namespace, web_root: Path | None = None
) -> AsyncGenerator[tuple[System, Population]]:
    """A log sink and an API on the population, with the web UI where its build is given."""
    async with running_backends(given.folder, cache_gb=given.cache) as backends:
        population = await _population(given, backends.mongodb)
        system = System(backends.kafka, backends.mongodb, web_root, env={"TASKER_TOPIC_PREFIX": PREFIX})
        try:
            await system.start("log-sink", "api")
            yield system, population
        finally:
            await system.stop()


async def _population(given: argparse.Namespace, mongodb: str) -> Population:
    """The one that is in the folder, or a new one."""
    note = given.folder and given.folder / "population.json"
    if note and note.exists():
        population = Population(**json.loads(note.read_text()))
        print(f"population of {given.folder}: {population.tasks:,} tasks, {population.runs:,} runs", file=sys.stderr)
        return population
    population = Population(given.tasks, given.runs, SystemClock().now_ms() // 1000)
    require_space(population, given.folder or Path(tempfile.gettempdir()))
    mongo = Mongo(MongoConnection(mongodb))
    try:
        print(await fill(mongo, population), flush=True)
    finally:
        mongo.close()
    if note:
        note.write_text(json.dumps(population._asdict()))
    return population
