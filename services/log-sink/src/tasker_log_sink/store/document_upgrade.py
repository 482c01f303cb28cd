"""Fills in what documents of earlier releases lack, so that lists are sorted and filtered by it."""

from typing import Any, Final

from tasker_core.documents.tasks import TaskField
from tasker_log_sink.projection.tasks.earlier_documents import completed
from tasker_log_sink.projection.tasks.task_definition import paused_by
from tasker_runtime.mongo import Mongo, UpdateOne, update_one

PAGE: Final = 1_000
_ADDED: Final[tuple[TaskField, ...]] = ("last_outcome", "ended_of", "failures", "streak")
_LACKING: Final[dict[TaskField, Any]] = {"deleted": {"$in": [False, True]}, "failures": None}
"""By the index `listed_by_failures`: nothing is read where nothing is lacking."""


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
