"""Reads of when tasks fire: how many there are of each timing."""

from collections.abc import Mapping
from typing import Any, Final

from tasker_api.forecast.bucket_counts import TimingGroup
from tasker_api.queries.task_lists.task_filter import TaskFilter
from tasker_core.documents.tasks import TaskStatus
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.time.instant import rfc3339_second
from tasker_core.timing.timing_key import INTERVAL, ONCE, SCHEDULE
from tasker_runtime.mongo import Mongo, OperationFailure

FORECAST_MS: Final = 10_000
MAX_GROUPS: Final = 400_000
_TOO_SLOW: Final = 50
"""MongoDB's code for a read that did not end in its time."""
_MINUTE_LENGTH: Final = len("@2026-12-24T18:00")
_REST: Final = ":00.000Z"


class TimingQueries:
    """The collection `tasks`, by `timing`: from an index alone, unless names are filtered."""

    def __init__(self, mongo: Mongo) -> None:
        self._tasks = mongo.database["tasks"]

    async def groups(self, task_filter: TaskFilter, first: int, end: int, *, by_minute: bool) -> list[TimingGroup]:
        """How many active tasks there are of each timing, of those that are once only what is in [first, end).

        `by_minute`: those that are once are counted by the minute. Raises InvalidInput when there are too many
        different ones, or it takes too long, PyMongoError.
        """
        active: TaskStatus = "active"
        matching = {**task_filter.query(next(iter(task_filter.words()), None)), "state": active}
        once = {"$gte": f"{ONCE}{rfc3339_second(first)}", "$lt": f"{ONCE}{rfc3339_second(end)}"}
        whole = {"$substrBytes": ["$timing", 0, _MINUTE_LENGTH]} if by_minute else "$timing"
        groups = await self._count(matching, {"$gte": INTERVAL, "$lt": ONCE}, "$timing")
        groups += await self._count(matching, {"$gte": SCHEDULE}, "$timing")
        rest = _REST if by_minute else ""
        return groups + [TimingGroup(key + rest, tasks) for key, tasks in await self._count(matching, once, whole)]

    async def _count(self, matching: Mapping[Any, Any], timing: Mapping[str, str], by: Any) -> list[TimingGroup]:
        stages = [{"$match": {**matching, "timing": timing}}, {"$group": {"_id": by, "tasks": {"$sum": 1}}}]
        try:
            found: list[dict[str, Any]] = await self._tasks.aggregate(
                [*stages, {"$limit": MAX_GROUPS + 1}], maxTimeMS=FORECAST_MS
            ).to_list(None)
        except OperationFailure as error:
            if error.code == _TOO_SLOW:
                raise _too_much(f"takes longer than {FORECAST_MS // 1000} s") from None
            raise
        if len(found) > MAX_GROUPS:
            raise _too_much(f"has more than {MAX_GROUPS:,} different schedules")
        return [TimingGroup(one["_id"], one["tasks"]) for one in found]


def _too_much(what: str) -> InvalidInput:
    message = f"a forecast for all of these tasks {what}: filter them by `tag` or `handler`"
    return InvalidInput([FieldError(pointer="/query", message=message)])
