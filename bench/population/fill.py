"""`python -m bench fill`: a large population in MongoDB, written by the log sink's own projection.

Every document is what the log sink makes of messages; only their way through Kafka is left out, and the indexes are
made at the end, which is quicker.
"""

import argparse
import asyncio
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import psutil

from bench.population.runs import ROUNDS, TAIL, USUAL_RUNS, run_in_round, runs_of
from bench.population.tasks import MadeTask, definitions, missed_range, next_nominal, task_of
from tasker_core.messages.base import Message, encode
from tasker_core.messages.runs import RunFinished
from tasker_core.messages.verdicts import Finished
from tasker_core.time.instant import from_ms, rfc3339_second
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.batch_projection import StoredDocuments, project
from tasker_log_sink.projection.tasks.task_updates import TaskDraft
from tasker_log_sink.store.collection_setup import set_up_collections
from tasker_runtime.clock import SystemClock
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import BulkWriteError, Mongo, PyMongoError, duplicate_key, missing_indexes

BATCH: Final = 2_000
AT_ONCE: Final = 2
INDEX_SECONDS: Final = 1_800
INDEX_PAUSE_SECONDS: Final = 5
TRIES: Final = 10
_BYTES_A_TASK, _BYTES_A_RUN = 3_000, 900
_SPARE_BYTES: Final = 2 * 2**30
"""Of documents, indexes and journal together, generously."""


class NoSpace(Exception):
    """The disk is too small for what was asked for; the text says what it takes."""


class Population(NamedTuple):
    """How many tasks, about how many runs, and the epoch second at which they are as they are."""

    tasks: int
    runs: int
    now: int

    @property
    def factor(self) -> float:
        """How many times as many runs as usual each task has."""
        return self.runs / self.tasks / USUAL_RUNS


def require_space(population: Population, folder: Path) -> None:
    """Raises NoSpace when the disk can't hold it."""
    need = population.tasks * _BYTES_A_TASK + population.runs * _BYTES_A_RUN + _SPARE_BYTES
    free = shutil.disk_usage(folder).free
    memory = psutil.virtual_memory().available
    print(
        f"{free / 2**30:.0f} GiB of disk and {memory / 2**30:.0f} GiB of memory are free", file=sys.stderr, flush=True
    )
    if free < need:
        raise NoSpace(f"{free / 2**30:.1f} GiB free, {need / 2**30:.1f} GiB needed: ask for less, or make room")


async def fill(mongo: Mongo, population: Population) -> dict[str, int]:
    """Write a population to an empty database; the number of documents by collection. Raises PyMongoError."""
    writer = _Writer(mongo)
    await writer.write(_task_batches(population), "tasks", population.tasks)
    await writer.write(_run_batches(population), "runs", population.runs)
    began = time.monotonic()
    async with asyncio.timeout(INDEX_SECONDS):
        while waited_for := await _indexes_waited_for(mongo):
            print(f"indexes … ({waited_for})", file=sys.stderr, flush=True)
            await asyncio.sleep(INDEX_PAUSE_SECONDS)
    print(f"indexes: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return writer.written


async def _indexes_waited_for(mongo: Mongo) -> str:
    """What is not done yet. Indexes take longer than any answer may: they go on, and are waited for again."""
    try:
        await set_up_collections(mongo)
        building = await missing_indexes(mongo)
    except PyMongoError as error:
        return type(error).__name__
    return f"{len(building)} being built" if building else ""


class _Writer:
    """Writes what the projection makes of batches of messages, the next batch while the last is on its way."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo, self.written = mongo, dict[str, int]()
        self._at = from_ms(SystemClock().now_ms())

    async def write(self, batches: Iterable[tuple[Sequence[Message], bool]], what: str, count: int) -> None:
        """Batches of messages; with those of tasks comes the progress of these tasks."""
        began, waiting = time.monotonic(), set[asyncio.Task[Any]]()
        shown = began
        for messages, with_progress in batches:
            for name, documents in _projected(messages, self._at, with_progress=with_progress).items():
                if documents:
                    self.written[name] = self.written.get(name, 0) + len(documents)
                    waiting.add(asyncio.create_task(self._insert(name, documents)))
            while len(waiting) > AT_ONCE:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    one.result()
            if time.monotonic() - shown > 5:
                shown, done_now = time.monotonic(), self.written.get(what, 0)
                rate = done_now / (shown - began)
                print(f"{what}: {done_now:,} of {count:,} ({rate:,.0f}/s)", file=sys.stderr, flush=True)
        for one in waiting:
            await one
        print(f"{what}: {self.written.get(what, 0):,} in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)

    async def _insert(self, name: str, documents: list[Any]) -> None:
        """Again where there was no answer in time; what is there already was written by the time before."""
        for left in reversed(range(TRIES)):
            try:
                await self._mongo.database[name].insert_many(documents, ordered=False)
            except BulkWriteError as error:
                if left == TRIES - 1 or not duplicate_key(error):
                    raise
            except PyMongoError:
                if not left:
                    raise
                continue
            return


def _projected(messages: Sequence[Message], at: datetime, *, with_progress: bool) -> dict[str, list[Any]]:
    records = [decode_record("results" if isinstance(m, RunFinished) else "verdicts", encode(m)) for m in messages]
    batch = project(records, StoredDocuments(), at)
    found = {str(name): changes.inserts for name, changes in batch.changes.items()}
    if with_progress:
        found["runs"] = []  # they come with their rounds
        for document in found["tasks"]:
            if (progress := batch.progress.get(document["_id"])) is not None:
                progress.apply(TaskDraft(document))
    tasks = found["tasks"]
    found["next_times"] = [{"_id": one["_id"], "next_at": one["next_at"]} for one in tasks if not one["deleted"]]
    return found


def _task_batches(population: Population) -> Iterator[tuple[list[Message], bool]]:
    batch: list[Message] = []
    for number in range(population.tasks):
        task = task_of(number, population.now)
        batch += definitions(task, population.now)
        batch += _last_runs(task, population)
        if (missed := missed_range(task, population.now)) is not None:
            batch.append(missed)
        if number % BATCH == BATCH - 1:
            yield batch, True
            batch = []
    yield batch, True


def _last_runs(task: MadeTask, population: Population) -> Iterator[Message]:
    first = ROUNDS - runs_of(task.number, population.factor)
    fails = task.number % 200 == 11
    last: RunFinished | None = None
    for round_number in range(max(first, ROUNDS - TAIL) if fails else max(first, ROUNDS - 2), ROUNDS):
        if (run := run_in_round(task, round_number, population.now)) is not None:
            if last is not None:
                yield last
            last = run
    if last is not None:
        following = None if task.is_over else next_nominal(task.schedule, population.now)
        last = msgspec.structs.replace(last, next_at=None if following is None else rfc3339_second(following))
        yield last
    if task.is_over and last is not None:
        made: dict[str, Any] = {"generation": task.generation, "version": task.version, "reason": "once"}
        yield Finished(task_id=task.accepted.id, last_nominal=last.nominal_at, **made)


def _run_batches(population: Population) -> Iterator[tuple[list[Message], bool]]:
    batch: list[Message] = []
    counts = [runs_of(number, population.factor) for number in range(10)]
    for round_number in range(ROUNDS):
        for number in range(population.tasks):
            if round_number < ROUNDS - counts[number % 10]:
                continue
            run = run_in_round(task_of(number, population.now), round_number, population.now)
            if run is not None:
                batch.append(run)
            if len(batch) == BATCH:
                yield batch, False
                batch = []
    yield batch, False


def main(arguments: list[str]) -> int:
    """0 when all is written, 1 when it can't be, 2 for wrong arguments."""
    parser = argparse.ArgumentParser(prog="bench fill", description=__doc__)
    parser.add_argument("--mongodb", required=True, help="the URL of an empty database of a replica set")
    add_sizes(parser)
    given = parser.parse_args(arguments)
    population = Population(given.tasks, given.runs, SystemClock().now_ms() // 1000)
    try:
        require_space(population, Path.cwd())
        print(asyncio.run(_fill(given.mongodb, population)))
    except NoSpace as error:
        sys.stderr.write(f"bench fill: {error}\n")
        return 1
    return 0


def add_sizes(parser: argparse.ArgumentParser) -> None:
    """The arguments that say how large a population is."""
    parser.add_argument("--tasks", type=_size, default=1_000_000, metavar="N", help="how many (default: %(default)s)")
    parser.add_argument(
        "--runs", type=_size, default=5_000_000, metavar="N", help="about how many (default: %(default)s)"
    )


def _size(text: str) -> int:
    value = int(text.replace("_", "").replace(",", ""))
    if not 1 <= value <= 100_000_000:
        raise argparse.ArgumentTypeError("give a number from 1 to 100000000")
    return value


async def _fill(url: str, population: Population) -> dict[str, int]:
    mongo = Mongo(MongoConnection(url))
    try:
        if await mongo.database["tasks"].estimated_document_count():
            raise NoSpace("the database has tasks already: give the URL of an empty one")
        return await fill(mongo, population)
    finally:
        mongo.close()
