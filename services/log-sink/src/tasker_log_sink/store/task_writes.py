"""Writes tasks, and with them their next times, within a transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tasker_core.documents.indexes import indexed_fields
from tasker_core.documents.tasks import NextTimeField, TaskDocument, TaskStateFields
from tasker_log_sink.projection.collection_changes import CollectionChanges
from tasker_log_sink.projection.tasks.next_times import NextTimeChanges, next_time_changes
from tasker_runtime.mongo import DeleteOne, Mongo, UpdateOne, update_one

NEXT_TIMES: Final = "next_times"
REPLACED: Final = 200
"""So many tasks are held whole at a time."""
_INDEXED: Final = indexed_fields("tasks")


class TaskWrites:
    """The collections `tasks` and `next_times`; `prefix` is put before their names."""

    def __init__(self, mongo: Mongo, prefix: str) -> None:
        self._tasks, self._next_times = mongo.database[f"{prefix}tasks"], mongo.database[f"{prefix}{NEXT_TIMES}"]

    async def write(
        self, session: Any, changes: CollectionChanges[TaskDocument], stored: Mapping[str, TaskStateFields]
    ) -> None:
        """Write changes of tasks that were read as `stored` in the same transaction. Raises PyMongoError."""
        if changes.inserts:
            await self._tasks.insert_many(changes.inserts, ordered=False, session=session)
        indexed: dict[str, Mapping[str, object]] = {}
        others: list[UpdateOne] = []
        for task_id, fields in changes.updates:
            if _INDEXED.isdisjoint(fields):
                others.append(update_one({"_id": task_id}, {"$set": fields}))
            else:
                indexed[task_id] = fields
        if others:
            await self._tasks.bulk_write(others, ordered=False, session=session)
        ids = list(indexed)
        for start in range(0, len(ids), REPLACED):
            await self._replace(session, ids[start : start + REPLACED], indexed)
        await write_next_times(self._next_times, next_time_changes(changes, stored), session)

    async def _replace(self, session: Any, ids: Sequence[str], updates: Mapping[str, Mapping[str, object]]) -> None:
        """Write updated documents anew, where something differs: a rebuild defines most tasks as they are.

        MongoDB 6 parses the definitions of all indexes of a collection for each of them, at each update within a
        transaction that changes what one of them has: 2 to 4 ms of its CPU for a task, of which 0.5 to 0.9 remain
        where it is read, deleted and inserted. What no index has costs 0.05.
        """
        stored = await self._tasks.find({"_id": {"$in": ids}}, session=session).to_list(None)
        changed = [new for one in stored if (new := {**one, **updates[one["_id"]]}) != one]
        if changed:
            gone = {"_id": {"$in": [one["_id"] for one in changed]}}
            await self._tasks.delete_many(gone, session=session)
            await self._tasks.insert_many(changed, ordered=False, session=session)


async def write_next_times(next_times: Any, changes: NextTimeChanges, session: Any) -> None:
    """Write changes of this collection of next times, in a transaction. Raises PyMongoError."""
    writes: list[UpdateOne | DeleteOne] = []
    for task_id, times in changes.moved.items():
        entry: dict[NextTimeField, str] = {"_id": task_id}
        writes.append(update_one(entry, {"$set": {str(name): at for name, at in times.items()}}, upsert=True))
    writes += [DeleteOne({"_id": task_id}) for task_id in changes.gone]
    if writes:
        await next_times.bulk_write(writes, ordered=False, session=session)
