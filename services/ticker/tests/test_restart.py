"""What the partitions of a restarted ticker wait for."""

import asyncio

import pytest

from tasker_ticker import partition
from tasker_ticker.partition_context import RESTORES_AT_ONCE
from tasker_ticker.scheduling.state import SCHEDULED_AT_ONCE
from tasker_ticker.testing.lone_ticker import LoneTicker, until
from tasker_ticker.testing.stored_log import stored_task
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


def test_others_get_their_turn_while_tasks_are_put_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    portions = 10

    async def turns_of_others(turn_seconds: float) -> int:
        monkeypatch.setattr(partition, "TURN_SECONDS", turn_seconds)
        turns, ticker = 0, LoneTicker()
        for number in range(portions * SCHEDULED_AT_ONCE):
            ticker.state.append(*stored_task(f"t{number}"))

        async def count_turns() -> None:
            nonlocal turns
            while not ticker.log.fields_of("owned"):
                turns += 1
                await asyncio.sleep(0)

        async with ticker.prefetched():
            ticker.assignment.set(frozenset([0]))
            await count_turns()
        return turns

    without = run_in_virtual_time(turns_of_others(60))
    assert run_in_virtual_time(turns_of_others(0)) >= without + portions - 1
