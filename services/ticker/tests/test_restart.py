"""What the partitions of a restarted ticker wait for."""

from tasker_ticker.partition_context import RESTORES_AT_ONCE
from tasker_ticker.testing.lone_ticker import LoneTicker, until
from tasker_ticker.testing.virtual_time import run_in_virtual_time

PARTITIONS = 2 * RESTORES_AT_ONCE


def test_all_partitions_are_fenced_at_once_though_few_are_restored_at_once() -> None:
    async def fenced() -> list[int]:
        ticker = LoneTicker(partitions=PARTITIONS)
        async with ticker.prefetched():
            ticker.answering.clear()
            await ticker.be_given(*range(PARTITIONS))
            await until(lambda: len(ticker.fenced) >= RESTORES_AT_ONCE)
            found = list(ticker.fenced)
            ticker.answering.set()
        return found

    assert run_in_virtual_time(fenced()) == list(range(PARTITIONS))
