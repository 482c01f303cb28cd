"""Fills in what documents of earlier releases lack, so that lists are sorted and filtered by it."""

from typing import Any, Final, get_args

from tasker_core.documents.tasks import TaskField, TaskStatus
from tasker_core.time.instant import to_ms
from tasker_core.timing.timing_key import NO_TIMES, timing_of
from tasker_log_sink.projection.tasks.earlier_documents import completed
from tasker_log_sink.projection.tasks.task_definition import paused_by
from tasker_runtime.mongo import Mongo, UpdateOne, update_one

PAGE: Final = 1_000
_ADDED: Final[tuple[TaskField, ...]] = ("last_outcome", "ended_of", "failures", "streak")
_LACKING: Final[dict[TaskField, Any]] = {"deleted": {"$in": [False, True]}, "failures": None}
"""By the index `listed_by_failures`: nothing is read where nothing is lacking."""
_WITHOUT_TIMING: Final[dict[TaskField, Any]] = {
    "deleted": {"$in": [False, True]},
    "state": {"$in": get_args(TaskStatus)},
    "timing": None,
}
"""By the index `of_timing`."""
_DEFINING: Final[tuple[TaskField, ...]] = ("version", "schedule_json", "updated_at")


async def upgrade_timings(mongo: Mongo) -> int:
    """Fill in when tasks fire; returns how many lacked it. Harmless to repeat. Raises PyMongoError.

    A task that is written meanwhile is completed by who writes it.
    """
    tasks, done, page = mongo.database["tasks"], 0, list[UpdateOne]()
    async for stored in tasks.find(_WITHOUT_TIMING, dict.fromkeys(_DEFINING, 1)):
        schedule, since = stored["schedule_json"].encode(), stored["updated_at"]
        timing = NO_TIMES if since is None else timing_of(schedule, stored["_id"], to_ms(since) // 1000)
        matching: dict[TaskField, Any] = {"_id": stored["_id"], "version": stored["version"]}
        page.append(update_one(matching, {"$set": {"timing": timing}}))
        if len(page) == PAGE:
            done, page = done + (await tasks.bulk_write(page, ordered=False)).modified_count, []
    return done + ((await tasks.bulk_write(page, ordered=False)).modified_count if page else 0)


async def upgrade_tasks(mongo: Mongo) -> int:
    """Complete the documents of tasks; returns how many there were. Harmless to repeat. Raises PyMongoError.

    A task that is written meanwhile is completed by who writes it.
    """
    tasks, done, page = mongo.database["tasks"], 0, list[UpdateOne]()
    async for stored in tasks.find(_LACKING):
        whole = completed(stored)
        added = {name: whole[name] for name in _ADDED} | {"paused_by": paused_by(stored.get("pause_json", "null"))}
        matching: dict[TaskField, Any] = {"_id": stored["_id"], "version": stored["version"], "failures": None}
        page.append(update_one(matching, {"$set": added}))
        if len(page) == PAGE:
            done, page = done + (await tasks.bulk_write(page, ordered=False)).modified_count, []
    return done + ((await tasks.bulk_write(page, ordered=False)).modified_count if page else 0)
