"""A ticker that stands still in the midst of a transaction, and wakes up when its partitions are another's."""

import asyncio
import signal

from tasker_devstack.polling import eventually
from tasker_devstack.processes.child_process import ChildProcess
from tasker_runtime.clock import SystemClock
from tests.chaos.steady_load import SteadyLoad, owner

TASKS = [f"steady-{n:02d}" for n in range(48)]
BEFORE_THE_SECOND_MS = 8  # what is due is sent some 20 ms before its second


async def open_transactions(load: SteadyLoad, ticker: ChildProcess) -> set[tuple[int, int]]:
    """(partition, offset) of the watermarks that a ticker has sent and not committed."""
    committed = {mark.partition: mark.offset for mark in await load.records("watermarks")}
    sent = await load.records("watermarks", committed=False)
    return {
        (mark.partition, mark.offset)
        for mark in sent
        if mark.value["owner"] == owner(ticker) and mark.offset > committed.get(mark.partition, -1)
    }


async def stop_in_a_transaction(load: SteadyLoad, ticker: ChildProcess) -> set[tuple[int, int]]:
    """SIGSTOP when something is sent and not committed; returns what."""

    async def attempt() -> set[tuple[int, int]]:
        to_go = 1_000 - (SystemClock().now_ms() + BEFORE_THE_SECOND_MS) % 1_000
        await asyncio.sleep(to_go / 1_000)
        ticker.send(signal.SIGSTOP)
        left = await open_transactions(load, ticker)
        if not left:
            ticker.send(signal.SIGCONT)
        return left

    return await eventually(attempt, "a moment in the midst of a transaction", 30)


async def test_who_wakes_up_too_late_can_not_commit_what_it_had_sent(kafka: str, topics: str) -> None:
    load = SteadyLoad(kafka, topics, TASKS)
    async with load.ticker() as sleeper, load.ticker() as other:
        await load.put()
        await load.owned_by(sleeper, other)
        await load.run_for(1)
        left = await stop_in_a_transaction(load, sleeper)
        await load.owned_by(other)
        sleeper.send(signal.SIGCONT)
        await load.owned_by(sleeper, other)
        assert "owner discarded" in sleeper.last_output()
        await load.run_for(1)
        await load.delete()
    report = await load.audit()
    assert report.violations == []
    assert report.missed == 0
    assert not left & {(mark.partition, mark.offset) for mark in await load.records("watermarks")}
