"""Reads the log in MongoDB: runs and missed ranges of a window, and the tasks as they are now."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tasker_cli.verify.task_life import MissedSpan
from tasker_runtime.mongo import Mongo

_RUN_FIELDS: Final = ("task_id", "kind", "nominal_at", "received_at", "finished_at", "logged_at", "state")
BATCH: Final = 5_000


async def defined_tasks(mongo: Mongo, prefix: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """The tasks that are there now whose id begins so, each with its schedule and whether it is paused.

    Raises PyMongoError.
    """
    matching = {"_id": {"$gte": prefix, "$lt": prefix + "\U0010ffff"}, "deleted": False}
    cursor = mongo.majority("tasks").find(matching, {"schedule_json": 1, "misfire_json": 1, "state": 1})
    async for task in cursor:
        yield (
            task["_id"],
            {
                "schedule": json.loads(task["schedule_json"]),
                "misfire": json.loads(task.get("misfire_json", "null")),  # absent in documents of earlier releases
                "paused": task["state"] == "paused",
            },
        )


async def logged_runs(mongo: Mongo, tasks: Iterable[str], first: int, last: int) -> AsyncIterator[Mapping[str, Any]]:
    """The runs of tasks due in the seconds [first, last], with the fields that the judge asks for.

    Raises PyMongoError.
    """
    within = {"$gte": _date(first), "$lte": _date(last)}
    for task_id in tasks:
        runs = mongo.majority("runs").find({"task_id": task_id, "effective_at": within}, _RUN_FIELDS, batch_size=BATCH)
        async for run in runs:
            yield {
                "run_id": run["_id"],
                "task_id": run["task_id"],
                "kind": run["kind"],
                "nominal_at": run["nominal_at"].isoformat(),
                "state": run["state"],
                "received_ms": _ms(run["received_at"]),
                "finished_ms": None if run["finished_at"] is None else _ms(run["finished_at"]),
                "logged_ms": _ms(run["logged_at"]),
            }


async def logged_missed(mongo: Mongo, tasks: Iterable[str], first: int) -> AsyncIterator[tuple[str, MissedSpan]]:
    """The missed ranges of tasks that end at or after a second. Raises PyMongoError."""
    for task_id in tasks:
        async for one in mongo.majority("missed").find({"task_id": task_id, "to_at": {"$gte": _date(first)}}):
            yield task_id, MissedSpan(_ms(one["from_at"]) // 1000, _ms(one["to_at"]) // 1000, one["reason"])


def _date(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
