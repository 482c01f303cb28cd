"""Whether all that is due is executed and logged on time, second by second, as the log itself tells."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from tests.chaos.experiment.load import STEADY

ON_TIME_MS: Final = 1_000
QUIET_SECONDS: Final = 5
"""So many seconds on end must be on time: what a process does that has come back shows within them."""
LOOK_SECONDS: Final = 0.3
ANSWER_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Recovery:
    """`seconds`: from the return of a target to the first due from which on all is on time; None: not in time.

    `late_seconds`: how many effective seconds were not on time, since the fault began; `worst_ms`: the latest log entry
    of what was due then, as far as it is logged.
    """

    seconds: float | None
    late_seconds: int
    worst_ms: float


class RecoveryWatch:
    """Looks into MongoDB. `now` is the time in epoch seconds, `rate` how many runs of steady tasks each second has."""

    def __init__(self, mongodb_url: str, now: Callable[[], float], rate: int) -> None:
        self._client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            mongodb_url, tz_aware=True, serverSelectionTimeoutMS=1_000, socketTimeoutMS=2_000, connectTimeoutMS=1_000
        )
        self._runs = self._client.get_default_database()["runs"]
        self._now, self._rate = now, rate

    async def close(self) -> None:
        """Disconnect."""
        await self._client.close()

    async def recovery(self, began: float, back: float, patience: float) -> Recovery:
        """Wait until all is on time again after something that began at a time, and was over at another."""
        deadline = self._now() + patience
        while self._now() < deadline:
            seconds = await self._seconds(math.floor(began))
            if (first := self._first_on_time(seconds, math.ceil(back))) is not None:
                late = [
                    second for second in range(math.floor(began), first) if not self._is_on_time(seconds.get(second))
                ]
                after_return = any(second >= back for second in late)
                worst = max((worst for _, worst in seconds.values()), default=0.0)
                return Recovery(first - back if after_return else 0.0, len(late), worst)
            await asyncio.sleep(LOOK_SECONDS)
        return Recovery(None, 0, 0.0)

    def _first_on_time(self, seconds: dict[int, tuple[int, float]], since: int) -> int | None:
        """The first second since when all up to now have been on time, if they are enough."""
        last = math.floor(self._now() - ON_TIME_MS / 1000 - LOOK_SECONDS)
        first = last + 1
        while first > since and self._is_on_time(seconds.get(first - 1)):
            first -= 1
        return first if last + 1 - first >= QUIET_SECONDS else None

    async def _seconds(self, since: int) -> dict[int, tuple[int, float]]:
        """By effective second: how many runs are logged on time, and how late (ms) the last one of all was logged."""
        due = {"effective_at": {"$gte": datetime.fromtimestamp(since, UTC)}}
        steady = {"task_id": {"$gte": STEADY, "$lt": f"{STEADY}~"}, "kind": "scheduled", "state": "succeeded"}
        late = {"$subtract": ["$logged_at", "$effective_at"]}
        count = {"$sum": {"$cond": [{"$lte": [late, ON_TIME_MS]}, 1, 0]}}
        group = {"$group": {"_id": "$effective_at", "on_time": count, "worst": {"$max": late}}}
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                found = await (await self._runs.aggregate([{"$match": due | steady}, group])).to_list()
        except (PyMongoError, TimeoutError):
            return {}
        return {int(one["_id"].timestamp()): (one["on_time"], float(one["worst"])) for one in found}

    def _is_on_time(self, second: tuple[int, float] | None) -> bool:
        return second is not None and second[0] >= self._rate
