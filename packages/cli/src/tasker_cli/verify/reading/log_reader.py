"""Reads the log in MongoDB: runs and missed ranges, and the tasks as they are now."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final, cast

from tasker_cli.verify.instants import DAY
from tasker_cli.verify.reading.records import LoggedRun
from tasker_runtime.mongo import Mongo

_RUN_FIELDS: Final = LoggedRun._fields[1:]
_values: Final = cast("Callable[[Any], tuple[Any, ...]]", itemgetter("_id", *_RUN_FIELDS))
_REVISION_FIELDS: Final = ("task_id", "generation", "version", "event_type", "effective_from")
_TASK_FIELDS: Final = (
    "schedule_json", "misfire_json", "state", "version", "generation", "timeout", "overlap", "calendars",
    "finished_version",
)  # fmt: skip
BATCH, TASKS_AT_ONCE = 10_000, 200
_ALL_AFTER: Final = "\U0010ffff"


async def task_ids(mongo: Mongo, prefix: str) -> AsyncIterator[str]:
    """The ids of all tasks that are there now and begin so. Raises PyMongoError."""
    matching = {"_id": {"$gte": prefix, "$lt": prefix + _ALL_AFTER}, "deleted": False}
    async for task in mongo.majority("tasks").find(matching, {"_id": 1}, batch_size=BATCH):
        yield task["_id"]


async def defined_tasks(
    mongo: Mongo, ids: Sequence[str]
) -> AsyncIterator[tuple[str, dict[str, Any], int, int, bool, dict[str, int]]]:
    """Of tasks that are there now: id, definition, version, generation, whether it is finished, versions of calendars.

    Finished for the ticker: nothing is left to be emitted. What it has emitted last may still go on. Raises
    PyMongoError.
    """
    fields = dict.fromkeys(_TASK_FIELDS, 1)
    for place in range(0, len(ids), TASKS_AT_ONCE):
        some = list(ids[place : place + TASKS_AT_ONCE])
        async for task in mongo.majority("tasks").find({"_id": {"$in": some}, "deleted": False}, fields):
            definition = {
                "schedule": json.loads(task["schedule_json"]),
                "misfire": json.loads(task.get("misfire_json", "null")),  # absent in documents of earlier releases
                "paused": task["state"] == "paused",
                "timeout": task.get("timeout", "PT1M"),
                "overlap": task.get("overlap", "allow"),
            }
            yield (
                task["_id"],
                definition,
                task.get("version", 0),
                task.get("generation", 0),
                task["state"] != "paused" and task.get("finished_version", 0) >= task.get("version", 0),
                {use["name"]: use["version"] for use in task.get("calendars", ())},
            )


async def revisions(mongo: Mongo, ids: Sequence[str]) -> AsyncIterator[Mapping[str, Any]]:
    """The revisions of tasks that the log keeps, those of each task in their order. Raises PyMongoError."""
    for place in range(0, len(ids), TASKS_AT_ONCE):
        matching = {"task_id": {"$in": list(ids[place : place + TASKS_AT_ONCE])}}
        fields = dict.fromkeys((*_REVISION_FIELDS, "task_json", "calendars"), 1)
        order = [(name, 1) for name in ("task_id", "effective_from", "version", "position")]
        async for one in mongo.majority("revisions").find(matching, fields, sort=order, batch_size=BATCH):
            task = None if one["task_json"] is None else json.loads(one["task_json"])
            yield {name: one[name] for name in _REVISION_FIELDS} | {
                "at": _second(one["effective_from"]),
                "task": task,
                "calendars": one.get("calendars", {}),  # absent in documents of earlier releases
            }


async def logged_runs(mongo: Mongo, tasks: Iterable[str], first: int, last: int) -> AsyncIterator[Sequence[LoggedRun]]:
    """The runs of tasks effective in the seconds [first, last], batch by batch. Raises PyMongoError."""
    ids = list(tasks)
    for place in range(0, len(ids), TASKS_AT_ONCE):
        matching = {
            "task_id": {"$in": ids[place : place + TASKS_AT_ONCE]},
            "effective_at": {"$gte": _date(first), "$lte": _date(last)},
        }
        async for batch in _runs(mongo, matching):
            yield batch


async def runs_by_id(mongo: Mongo, ids: Sequence[str]) -> AsyncIterator[Sequence[LoggedRun]]:
    """Runs by their ids. Raises PyMongoError."""
    for place in range(0, len(ids), BATCH):
        async for batch in _runs(mongo, {"_id": {"$in": list(ids[place : place + BATCH])}}):
            yield batch


async def _runs(mongo: Mongo, matching: Mapping[str, Any]) -> AsyncIterator[Sequence[LoggedRun]]:
    cursor = mongo.majority("runs", naive=True).find(matching, dict.fromkeys(_RUN_FIELDS, 1), batch_size=BATCH)
    while batch := await cursor.to_list(BATCH):
        try:
            yield list(map(LoggedRun._make, map(_values, batch)))
        except KeyError:  # of an earlier release
            yield [LoggedRun._make(map(run.get, ("_id", *_RUN_FIELDS))) for run in batch]


async def logged_missed(mongo: Mongo, tasks: Iterable[str], first: int) -> AsyncIterator[tuple[str, int, int, str]]:
    """The missed ranges of tasks that end at or after a second: task, first, last, reason. Raises PyMongoError."""
    ids = list(tasks)
    for place in range(0, len(ids), TASKS_AT_ONCE):
        matching = {"task_id": {"$in": ids[place : place + TASKS_AT_ONCE]}, "to_at": {"$gte": _date(first)}}
        async for one in mongo.majority("missed").find(matching, batch_size=BATCH):
            yield one["task_id"], _second(one["from_at"]), _second(one["to_at"]), one["reason"]


async def log_kept_since(mongo: Mongo, now: int) -> int | None:
    """The second from which the log keeps runs, by its index; None when it keeps them for ever. Raises PyMongoError."""
    async for index in mongo.majority("runs").list_indexes():
        if (seconds := index.get("expireAfterSeconds")) is not None:
            return int(now - seconds + DAY // 24)  # MongoDB removes them within minutes
    return None


def _date(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _second(at: datetime) -> int:
    return int(at.timestamp())
