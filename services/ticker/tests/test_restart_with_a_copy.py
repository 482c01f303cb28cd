"""A ticker that starts again, on a real Kafka: with its copy it reads what came after that, and misses nothing."""

import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from tasker_core.time.instant import rfc3339_second
from tasker_core.topics import Topics
from tasker_devstack.occurrence_audit import audit, epoch_second, read_records
from tasker_devstack.polling import eventually
from tasker_runtime.clock import SystemClock
from tasker_runtime.testing import RecordedLog
from tasker_ticker.state_copies.state_copies import state_copies
from tasker_ticker.testing.ticker_harness import RunningTicker, TickerHarness

TASKS = [f"t{n:03d}" for n in range(200)]
GONE, LATE, STAYING = TASKS[0], "late", TASKS[1:]
ONCE = [f"once-{n:02d}" for n in range(20)]
ONCE_GONE, ONCE_MOVED = ONCE[:2]
LATER_SECONDS = 25
"""Long enough for two starts and an edit before it, on a busy machine."""
HELD = len(TASKS) + len(ONCE)
CLOCK = SystemClock()


async def owned(ticker: RunningTicker) -> tuple[int, int]:
    """How many tasks the ticker holds, and how many records of the state it has read from Kafka."""

    async def said() -> list[dict[str, int]]:
        return ticker.log.fields_of("owned")

    (found,) = await eventually(said, "its partition is owned")
    return found["tasks"], found["read"]


def put_once(task: str, second: int) -> dict[str, Any]:
    """An event that makes a task which is due at a second."""
    return {"type": "put", "task": {"id": task, "schedule": {"at": rfc3339_second(second)}}}


async def is_past(second: int) -> bool:
    return CLOCK.now_ms() > second * 1000


async def test_it_begins_with_its_copy(single: TickerHarness, tmp_path: Path) -> None:
    folder = tmp_path / "ticker-state"
    copies = state_copies(folder, Topics(single.prefix), CLOCK, RecordedLog())
    assert copies is not None
    file = copies.file(0)

    async def all_copied() -> bool:
        try:
            copy = file.open()
        except sqlite3.OperationalError:  # it waits for nobody, and the copier is making the file
            return False
        if copy is None:
            return False
        with closing(copy):
            return sum(map(len, copy.portions(1_000))) == len(TASKS) + len(ONCE)

    async def fires_again() -> bool:
        since, found = CLOCK.now_ms(), await read_records(single.bootstrap, single.prefix, "due-tasks")
        return any(record.appended > since - 1_000 for record in found)

    async with single.running_ticker() as ticker:
        await single.put(TASKS)
        later = CLOCK.now_ms() // 1000 + LATER_SECONDS
        for task in ONCE:
            await single.send(put_once(task, later), task)
        await eventually(all_copied, "all tasks are copied")
        began = CLOCK.now_ms() // 1000 + 1
    await single.delete([GONE, ONCE_GONE])
    await single.send(put_once(ONCE_MOVED, later + 1), ONCE_MOVED)
    await single.put([LATE])
    async with single.running_ticker() as ticker:
        assert await owned(ticker) == (HELD, 0)
        await eventually(fires_again, "it fires")
    async with single.running_ticker() as ticker:
        tasks, read = await owned(ticker)
        assert tasks == HELD - 1
        assert read < len(TASKS)
        await eventually(fires_again, "it fires")
    shutil.rmtree(folder)
    async with single.running_ticker() as ticker:
        tasks, read = await owned(ticker)
        assert tasks == HELD - 1
        assert read >= HELD - 1
        await eventually(fires_again, "it fires")
        await eventually(partial(is_past, later + 2), "the time of the one-time tasks", 2 * LATER_SECONDS)
    last = CLOCK.now_ms() // 1000 - 2
    found = await read_records(single.bootstrap, single.prefix, task_ids={*STAYING, *ONCE})
    report = audit(found, dict.fromkeys(STAYING, range(began, last + 1)), whole=False)
    assert (report.violations, report.missed) == ([], 0)
    runs = [
        (one.value["task_id"], epoch_second(one.value["nominal_at"])) for one in found if one.value["type"] == "run"
    ]
    once = sorted(run for run in runs if run[0] in ONCE)
    assert once == sorted((task, later + (task == ONCE_MOVED)) for task in ONCE if task != ONCE_GONE)
