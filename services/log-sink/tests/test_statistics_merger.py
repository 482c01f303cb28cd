"""Statistics are put together every few seconds, not with each batch that comes meanwhile."""

from datetime import datetime

import structlog

from tasker_log_sink.backlog import Backlog
from tasker_log_sink.statistics_merger import StatisticsMerger
from tasker_log_sink.store.statistics_store import MAX_PENDING
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health
from tasker_runtime.logs import Log


class CountingStore:
    """A store to which a batch is added while it merges."""

    def __init__(self, pending: int) -> None:
        self.pending, self.merges = pending, 0

    async def merge_statistics(self, now: datetime) -> int:
        del now
        self.merges += 1
        merged = min(self.pending, MAX_PENDING)
        self.pending += 1 - merged
        return merged


def merger(store: CountingStore) -> StatisticsMerger:
    log: Log = structlog.get_logger()
    return StatisticsMerger(store, Backlog(), SystemClock(), Health(), log)


async def test_what_is_added_meanwhile_waits_for_the_next_time() -> None:
    store = CountingStore(3)
    await merger(store).merge()
    assert (store.merges, store.pending) == (1, 1)


async def test_all_that_waited_is_merged_however_much() -> None:
    store = CountingStore(2 * MAX_PENDING + 1)
    await merger(store).merge()
    assert store.merges == 3
