"""What is completed of an earlier release's documents beside the log sink's work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from tasker_log_sink.store.partition_offsets import OffsetConflict
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

RETRY_SECONDS: Final = 5.0
MARGIN: Final = timedelta(minutes=10)
"""Members of the release before may be at work until then."""
Upgrade = Callable[[], Awaitable[int | None]]
"""Completes a collection, and returns how many it has looked at or changed; None when that was done before."""


class BackgroundUpgrade:
    """The upgrades in the background of a log sink, by the collections that they complete."""

    def __init__(self, upgrades: Mapping[str, Upgrade], log: Log) -> None:
        self._upgrades, self._log = upgrades, log

    async def run(self) -> None:
        """Until all is done; and once more when no member of the release before can be at work any more."""
        await self._complete()
        await asyncio.sleep(MARGIN.total_seconds())
        await self._complete()

    async def _complete(self) -> None:
        for collection, upgrade in self._upgrades.items():
            while True:
                try:
                    documents = await upgrade()
                except (PyMongoError, OffsetConflict) as error:
                    self._log.warning("upgrade delayed", collection=collection, reason=str(error)[:300])
                    await asyncio.sleep(RETRY_SECONDS)
                else:
                    if documents:
                        self._log.info("upgraded", collection=collection, documents=documents)
                    break
