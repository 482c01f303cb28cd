"""Puts the statistics of batches together behind them, every few seconds; while results pile up, more rarely."""

from time import monotonic
from typing import Final

from tasker_core.time.instant import from_ms
from tasker_log_sink.backlog import Backlog
from tasker_log_sink.store.statistics_store import MAX_PENDING
from tasker_log_sink.store.store_interface import MergingStore
from tasker_runtime.clock import Clock
from tasker_runtime.health import Health
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

CHECK: Final = "statistics"
MERGE_SECONDS: Final = 10.0
WAIT_SECONDS: Final = 30.0
"""So long the statistics give way to a backlog."""


class StatisticsMerger:
    """Merges what the batches of this member have added. What it leaves behind another member merges, or the next."""

    def __init__(self, store: MergingStore, backlog: Backlog, clock: Clock, health: Health, log: Log) -> None:
        self._store, self._backlog, self._clock, self._health, self._log = store, backlog, clock, health, log
        self._merged_at = monotonic()
        health.expect(CHECK)
        health.ok(CHECK)

    async def merge(self) -> None:
        """Merge what there is, unless records are waiting."""
        if not self._backlog.is_large or monotonic() - self._merged_at > WAIT_SECONDS:
            await self.flush()

    async def flush(self) -> None:
        """Merge what there is now, as far as MongoDB lets us."""
        try:
            while await self._store.merge_statistics(from_ms(self._clock.now_ms())) >= MAX_PENDING:
                pass  # else only what came meanwhile is left, and waits for the next time
        except PyMongoError as error:
            self._health.fail(CHECK, f"what runs add to them waits in MongoDB: {error}"[:500])
            self._log.warning("statistics delayed", reason=str(error)[:300])
        else:
            self._merged_at = monotonic()
            self._health.ok(CHECK)
