"""Holds the start back until MongoDB answers from all indexes of this release.

Lists name their index, so that until then they are refused (503), and what names none is slow. Whoever serves already,
such as the pods of the release before, serves until then.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from tasker_runtime.health import Health
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

CHECK: Final = "indexes"
LOOK_SECONDS: Final = 1.0


class IndexCheck:
    """The check `indexes`. `missing` says which there are not."""

    def __init__(self, missing: Callable[[], Awaitable[list[str]]], health: Health, log: Log) -> None:
        self._missing, self._health, self._log = missing, health, log
        health.expect(CHECK, gates="start")

    async def run(self) -> None:
        """Look until all are there."""
        logged = False
        while (trouble := await self._trouble()) is not None:
            self._health.fail(CHECK, trouble)
            if not logged:
                self._log.warning("not ready yet", reason=trouble)
                logged = True
            await asyncio.sleep(LOOK_SECONDS)
        self._health.ok(CHECK)

    async def _trouble(self) -> str | None:
        try:
            missing = await self._missing()
        except PyMongoError as error:
            return f"the indexes in MongoDB can't be looked at: {str(error)[:300]}"
        if not missing:
            return None
        return (
            f"MongoDB has not made the index {missing[0]} yet, of {len(missing)}: the setup of this release makes it, "
            "and so does each of its log sinks when it starts"
        )
