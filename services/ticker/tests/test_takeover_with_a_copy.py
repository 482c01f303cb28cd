"""A ticker that takes over from one on another machine, on a real Kafka: it has copies of those partitions, too."""

from pathlib import Path

from tasker_core.topics import PARTITIONS, Topics
from tasker_devstack.polling import eventually
from tasker_runtime.clock import SystemClock
from tasker_runtime.testing import RecordedLog
from tasker_ticker.state_copies.state_copies import StateCopies, state_copies
from tasker_ticker.testing.ticker_harness import RunningTicker, TickerHarness

TASKS = [f"t{n:03d}" for n in range(100)]
HALF = PARTITIONS // 2


async def copied(copies: StateCopies) -> int:
    """How many tasks there are in the copies of all partitions, whoever owns them."""
    found = [await copies.load(partition) for partition in range(PARTITIONS)]
    return sum(len(snapshot.stored.tasks) for snapshot in found if snapshot is not None)


def owned(ticker: RunningTicker) -> list[dict[str, int]]:
    """What the ticker says of each partition when it begins to own it."""
    return ticker.log.fields_of("owned")


async def test_it_begins_with_copies_of_what_the_other_one_owned(harness: TickerHarness, tmp_path: Path) -> None:
    folder = tmp_path / "another-machine"
    copies = state_copies(folder, Topics(harness.prefix), SystemClock(), RecordedLog())
    assert copies is not None

    async def shared() -> bool:
        return min(len(owned(first)), len(owned(second))) >= HALF

    async def all_copied() -> bool:
        return await copied(copies) == len(TASKS)

    async def taken_over() -> list[dict[str, int]] | None:
        since = owned(second)[before:]
        return since if len(since) == HALF else None

    async with harness.running_ticker(copies=folder) as second:
        async with harness.running_ticker() as first:
            await eventually(shared, "each owns its half", 60)
            await harness.put(TASKS)
            await eventually(all_copied, "all is copied", 60)
            before = len(owned(second))
        found = await eventually(taken_over, "it owns the other half, too", 60)
    assert [said["read"] for said in found] == [0] * HALF
    assert sum(said["tasks"] for said in found) > 0
