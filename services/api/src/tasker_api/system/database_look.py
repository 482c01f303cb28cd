"""Looks at MongoDB: the watermarks that are logged, which executors have announced handlers, and the canaries."""

import asyncio
from datetime import datetime
from typing import Any, Final

from tasker_api.system.canary_tasks import canary_ids
from tasker_api.system.facts import Canary, DatabaseFacts, PartitionMark, WatermarkGap
from tasker_core.documents.handlers import HandlerField
from tasker_core.documents.partitions import PartitionDocument, PartitionField
from tasker_core.documents.runs import RunDocument, RunField
from tasker_core.documents.tasks import TaskField
from tasker_runtime.mongo import Mongo

SECONDS: Final = 2.0
_RUN_FIELDS: Final[dict[RunField, int]] = {"task_id": 1, "effective_at": 1, "logged_at": 1, "state": 1}


class DatabaseLook:
    """Reads what there is. `watermarks` is the full name of that topic; `with_canaries`: whether there are any."""

    def __init__(self, mongo: Mongo, watermarks: str, partitions: int, *, with_canaries: bool) -> None:
        self._mongo, self._watermarks, self._partitions = mongo, watermarks, partitions
        self._with_canaries = with_canaries

    async def look(self) -> DatabaseFacts:
        """What MongoDB says now. Raises PyMongoError, within 2 s."""
        with self._mongo.within(SECONDS):
            marks, groups = await asyncio.gather(self._marks(), self._executor_groups())
            if not self._with_canaries:
                return DatabaseFacts(marks, groups)
            since, canaries = await asyncio.gather(self._canaries_since(), self._canaries())
            return DatabaseFacts(marks, groups, canaries, since)

    async def _marks(self) -> dict[int, PartitionMark]:
        newest: dict[PartitionField, int] = {"applied_at": 1}
        matching: dict[PartitionField, Any] = {"topic": self._watermarks}
        found: list[PartitionDocument] = (
            await self._mongo.database["partitions"].find(matching).sort(list(newest.items())).to_list(None)
        )
        return {one["partition"]: mark for one in found if (mark := _mark(one)) is not None}

    async def _executor_groups(self) -> list[str]:
        field: HandlerField = "group"
        matching: dict[HandlerField, Any] = {"withdrawn": False}
        return sorted(await self._mongo.database["handlers"].distinct(field, matching))

    async def _canaries_since(self) -> datetime | None:
        matching: dict[TaskField, Any] = {"_id": {"$in": [*canary_ids(self._partitions)]}, "deleted": False}
        fields: dict[TaskField, int] = {"updated_at": 1}
        found = await self._mongo.database["tasks"].find(matching, fields).to_list(None)
        return max((one["updated_at"] for one in found if one["updated_at"] is not None), default=None)

    async def _canaries(self) -> dict[int, Canary]:
        found = await asyncio.gather(*(self._newest(task_id) for task_id in canary_ids(self._partitions)))
        return {partition: canary for partition, canary in enumerate(found) if canary is not None}

    async def _newest(self, task_id: str) -> Canary | None:
        matching: dict[RunField, Any] = {"task_id": task_id, "finished_at": {"$ne": None}}
        order: list[tuple[RunField, int]] = [("effective_at", -1)]
        run: RunDocument | None = await self._mongo.database["runs"].find_one(matching, _RUN_FIELDS, sort=order)
        if run is None:
            return None
        late = (run["logged_at"] - run["effective_at"]).total_seconds()
        return Canary(run["effective_at"], max(0.0, late), run["state"] == "succeeded")


def _mark(found: PartitionDocument) -> PartitionMark | None:
    if found["watermark"] is None:
        return None
    burst = found.get("burst")
    return PartitionMark(
        time=found["watermark"],
        owner=found.get("owner", "unknown"),
        version=found.get("version"),
        held=found.get("held"),
        clock_offset_ms=found.get("clock_offset_ms"),
        catch_up=tuple(WatermarkGap(one["from"], one["to"], one["after_task"]) for one in found.get("catch_up", ())),
        burst=None if burst is None else burst["second"],
    )
