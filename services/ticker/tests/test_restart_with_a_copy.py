"""A ticker that starts again, on a real Kafka: with its copy it reads what came after that, and misses nothing."""

import shutil
from pathlib import Path

from tasker_core.topics import Topics
from tasker_devstack.occurrence_audit import audit, read_records
from tasker_devstack.polling import eventually
from tasker_runtime.clock import SystemClock
from tasker_runtime.testing import RecordedLog
from tasker_ticker.state_copies.state_copies import StateCopies
from tasker_ticker.testing.ticker_harness import RunningTicker, TickerHarness

TASKS = [f"t{n:03d}" for n in range(200)]
GONE, LATE, STAYING = TASKS[0], "late", TASKS[1:]
CLOCK = SystemClock()


async def owned(ticker: RunningTicker) -> tuple[int, int]:
    """How many tasks the ticker holds, and how many records of the state it has read from Kafka."""

    async def said() -> list[dict[str, int]]:
        return ticker.log.fields_of("owned")

    (found,) = await eventually(said, "its partition is owned")
    return found["tasks"], found["read"]


async def test_it_begins_with_its_copy(single: TickerHarness, tmp_path: Path) -> None:
    folder = tmp_path / "ticker-state"
    copies = StateCopies(folder, Topics(single.prefix), CLOCK, RecordedLog())

    async def all_copied() -> bool:
        with copies.file(0).reading() as copy:
            return copy is not None and sum(map(len, copy.scheduled(1_000))) == len(TASKS)

    async def fires_again() -> bool:
        since, found = CLOCK.now_ms(), await read_records(single.bootstrap, single.prefix, "due-tasks")
        return any(record.appended > since - 1_000 for record in found)

    async with single.running_ticker() as ticker:
        await single.put(TASKS)
        await eventually(all_copied, "all tasks are copied")
        began = CLOCK.now_ms() // 1000 + 1
    await single.delete([GONE])
    await single.put([LATE])
    async with single.running_ticker() as ticker:
        assert await owned(ticker) == (len(TASKS), 0)
        await eventually(fires_again, "it fires")
    async with single.running_ticker() as ticker:
        tasks, read = await owned(ticker)
        assert tasks == len(TASKS)
        assert read <= 2
        await eventually(fires_again, "it fires")
    shutil.rmtree(folder)
    async with single.running_ticker() as ticker:
        tasks, read = await owned(ticker)
        assert tasks == len(TASKS)
        assert read >= len(TASKS)
        await eventually(fires_again, "it fires")
    last = CLOCK.now_ms() // 1000 - 2
    found = await read_records(single.bootstrap, single.prefix, task_ids=set(STAYING))
    report = audit(found, dict.fromkeys(STAYING, range(began, last + 1)), whole=False)
    assert (report.violations, report.missed) == ([], 0)
