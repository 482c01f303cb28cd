"""One experiment from its beginning to its verdict."""

import asyncio
import math
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from tasker_runtime.clock import SystemClock
from tests.chaos.experiment.fault_injector import FaultInjector
from tests.chaos.experiment.faults import Fault, faults
from tests.chaos.experiment.load import Load
from tests.chaos.experiment.recovery import RecoveryWatch
from tests.chaos.experiment.report import Outcome, slow_ones, table
from tests.chaos.experiment.verdict import judge

PATIENCE_SECONDS: Final = 120.0
SETTLED_SECONDS: Final = 30
"""So long after the last fault it is judged: retries have ended, one-time tasks have run, and all of it is logged."""
RIGHT, WRONG = 0, 1


@dataclass(frozen=True, slots=True)
class ExperimentArguments:
    """How long faults go on, by which seed, and under how many due a second.

    `count`: at most so many faults (None: as many as come), `only`: those that begin so (empty: all).
    """

    minutes: float
    seed: int
    rate: int
    count: int | None = None
    only: Sequence[str] = ()
    folder: Path | None = None
    """Where logs and data are kept; None: they are removed when all was right."""


async def run_experiment(given: ExperimentArguments) -> int:
    """Returns the exit code: RIGHT when nothing was lost, doubled, early or unlogged, and all was on time again.

    A recovery that took longer than is the goal is named, and no error: it is the machine's as well as Tasker's.
    """
    folder = given.folder or Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="tasker-chaos-"))
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    chosen = islice(faults(given.seed, given.only), given.count)
    say(f"seed {given.seed}; logs in {folder}")
    injector = FaultInjector(folder, now, say)
    async with injector.up():
        load = Load(injector.system, given.seed, given.rate)
        recoveries = RecoveryWatch(injector.system.mongodb_url, now, load.steady_rate)
        try:
            async with load.on():
                began = now()
                await recoveries.recovery(began, began, PATIENCE_SECONDS)
                say("all is up and on time")
                outcomes = [one async for one in _inject(injector, recoveries, chosen, given.minutes * 60)]
            say(f"{SETTLED_SECONDS} s without faults, then the verdict")
            await asyncio.sleep(SETTLED_SECONDS)
            verdict = await judge(injector.system, math.ceil(now() - began))
            unknown = await load.unknown()
        finally:
            await recoveries.close()
    for line in (*verdict.lines(), *table(outcomes)):
        say(line)
    for line in slow_ones(outcomes):
        say(line)
    wrong = [f"not on time again within {PATIENCE_SECONDS:g} s: {one.fault}" for one in outcomes if one.is_lost]
    wrong += [f"{name} ended by itself, {times} times" for name, times in injector.ended_by_themselves().items()]
    wrong += [f"accepted, and not known in the end: {one}" for one in unknown]
    wrong += [f"refused: {one}" for one in load.refused]
    wrong += [f"{kind}: {count}, see above" for kind, count in verdict.wrong.items()]
    say(f"{len(outcomes)} faults; {len(load.taken)} one-time tasks taken, {load.repeats} requests repeated")
    for line in wrong or ["all was right"]:
        say(line)
    if wrong:
        say(f"the same faults again: make chaos SEED={given.seed} MINUTES={given.minutes:g}; logs are kept in {folder}")
    elif given.folder is None:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    return WRONG if wrong else RIGHT


async def _inject(
    injector: FaultInjector, recoveries: RecoveryWatch, chosen: Iterator[Fault], seconds: float
) -> AsyncGenerator[Outcome]:
    first = now()
    for fault in chosen:
        began = now()
        if began - first > seconds:
            return
        back = await injector.inject(fault)
        recovery = await recoveries.recovery(began, back, PATIENCE_SECONDS)
        outcome = Outcome(fault, began - first, recovery, os.getloadavg()[0])
        say(f"{began - first:6.0f} s  {outcome}")
        yield outcome


def now() -> float:
    """The time in epoch seconds."""
    return SystemClock().now_ms() / 1000


def say(line: str) -> None:
    """A line on stderr, at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
