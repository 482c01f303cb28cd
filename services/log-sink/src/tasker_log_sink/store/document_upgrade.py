"""Fills in what documents of earlier releases lack, so that lists are sorted and filtered by it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, get_args

from tasker_core.documents.tasks import TaskField, TaskStatus
from tasker_core.documents.words import task_words
from tasker_core.time.instant import to_ms
from tasker_core.timing.timing_key import NO_TIMES, timing_of
from tasker_log_sink.projection.tasks.earlier_documents import completed
from tasker_log_sink.projection.tasks.task_definition import paused_by
from tasker_runtime.mongo import Mongo, UpdateOne, update_one

PAGE: Final = 1_000
TaskFields = Mapping[TaskField, Any]
_ADDED: Final[tuple[TaskField, ...]] = ("last_outcome", "ended_of", "failures", "streak")
_ALL: Final = {"$in": [False, True]}
_LACKING: Final[TaskFields] = {"deleted": _ALL, "failures": None}
"""By the index `listed_by_failures`: nothing is read where nothing is lacking."""
_WITHOUT_TIMING: Final[TaskFields] = {"deleted": _ALL, "state": {"$in": get_args(TaskStatus)}, "timing": None}
"""By the index `of_timing`."""
_WITHOUT_WORDS: Final[TaskFields] = {"deleted": _ALL, "words": None}
"""By the index `of_word`."""


async def upgrade_timings(mongo: Mongo) -> int:
    """Fill in when tasks fire; returns how many lacked it. Harmless to repeat. Raises PyMongoError."""

    def timing(task: Any) -> TaskFields:
        schedule, since = task["schedule_json"].encode(), task["updated_at"]
        return {"timing": NO_TIMES if since is None else timing_of(schedule, task["_id"], to_ms(since) // 1000)}

    return await _fill_in(mongo, _WITHOUT_TIMING, ("schedule_json", "updated_at"), timing)


async def upgrade_words(mongo: Mongo) -> int:
    """Fill in by which words tasks are found; returns how many lacked them. Harmless to repeat. Raises PyMongoError."""

    def words(task: Any) -> TaskFields:
        return {"words": task_words(task["_id"], task["name"], task["tags"])}

    return await _fill_in(mongo, _WITHOUT_WORDS, ("name", "tags"), words)


async def upgrade_tasks(mongo: Mongo) -> int:
    """Complete how runs of tasks ended; returns how many lacked it. Harmless to repeat. Raises PyMongoError."""

    def outcomes(task: Any) -> TaskFields:
        whole: Any = completed(task)
        found: dict[TaskField, Any] = {name: whole[name] for name in _ADDED}
        found["paused_by"] = paused_by(task.get("pause_json", "null"))
        return found

    return await _fill_in(mongo, _LACKING, (), outcomes, {"failures": None})


async def _fill_in(
    mongo: Mongo,
    lacking: TaskFields,
    by: Sequence[TaskField],
    added: Callable[[Any], TaskFields],
    unless: TaskFields | None = None,
) -> int:
    """Set what is `added` to the tasks that lack it, by some of their fields (all, if none is named).

    A task that is written meanwhile is completed by who writes it.
    """
    tasks, done, page = mongo.database["tasks"], 0, list[UpdateOne]()
    fields = dict.fromkeys(("version", *by), 1) if by else None
    async for stored in tasks.find(lacking, fields):
        matching: dict[TaskField, Any] = {"_id": stored["_id"], "version": stored["version"], **(unless or {})}
        page.append(update_one(matching, {"$set": {str(name): value for name, value in added(stored).items()}}))
        if len(page) == PAGE:
            done, page = done + (await tasks.bulk_write(page, ordered=False)).modified_count, []
    return done + ((await tasks.bulk_write(page, ordered=False)).modified_count if page else 0)
