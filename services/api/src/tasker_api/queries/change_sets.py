"""Reads of change-sets, of what became of their items, and of what it takes to undo them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tasker_api.queries.cursor import decode_cursor, encode_cursor
from tasker_api.queries.keyset import Page, cut_page
from tasker_core.documents.change_sets import ChangeSetDocument, ChangeSetField
from tasker_core.documents.journal import JournalDocument, JournalField
from tasker_core.documents.revisions import ENDS, RevisionDocument, RevisionField, order_key, revision_id
from tasker_core.documents.tasks import TaskField
from tasker_core.messages.change_sets import ChangeSetCounts
from tasker_core.messages.verdicts import VerdictWord
from tasker_core.run_states import FINAL_STATES
from tasker_runtime.mongo import Mongo

READ_MS: Final = 10_000
"""How long a read may take: an index with an entry for each of a million items is counted in a second."""
BY_CHANGE_SET: Final = "of_change_set"
VERSION_CHANGED: Final = "/if_version"
"""Where an event is refused since somebody else has changed its task."""
_NEWEST_FIRST: Final[Sequence[tuple[ChangeSetField, int]]] = [("created_at", -1), ("_id", -1)]
_ORDER, _ITEMS = "change-sets", "change-set-items"
_ITEM_ORDER: Final[Sequence[tuple[JournalField, int]]] = [("verdict", 1), ("task_id", 1)]
_NO_TASK: Final[Mapping[JournalField, int]] = {"task_json": 0}
EntryQuery = dict[JournalField, Any]
ChangeSetQuery = dict[ChangeSetField, Any]


class ChangeSetQueries:
    """The collection `change_sets`, and what belongs to one in `journal`, `revisions` and `runs`."""

    def __init__(self, mongo: Mongo) -> None:
        self._change_sets, self._journal = mongo.database["change_sets"], mongo.database["journal"]
        self._tasks = mongo.database["tasks"]
        self._revisions, self._runs = mongo.database["revisions"], mongo.database["runs"]

    async def find(self, change_set: str) -> ChangeSetDocument | None:
        """A change-set of which it is known what it is."""
        query: ChangeSetQuery = {"_id": change_set, "kind": {"$exists": True}}
        return await self._change_sets.find_one(query, max_time_ms=READ_MS)

    async def page(self, limit: int, cursor: str | None, within: Sequence[str] = ()) -> Page[ChangeSetDocument]:
        """A page of change-sets, newest first; of those by keys of which each tag is `within`, if that is said.

        Raises InvalidInput for what is no cursor.
        """
        query: dict[Any, Any] = {"kind": {"$exists": True}}
        if within:
            query["scope"] = {"$exists": True, "$not": {"$elemMatch": {"$nin": list(within)}}}
        if cursor is not None:
            at, identity = decode_cursor(_ORDER, cursor, 2)
            query["$or"] = [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": identity}}]
            query["created_at"] = {"$lte": at}
        found = self._change_sets.find(query, max_time_ms=READ_MS).sort(_NEWEST_FIRST).limit(limit + 1)
        return cut_page(
            await found.to_list(limit + 1), limit, lambda last: encode_cursor(_ORDER, last["created_at"], last["_id"])
        )

    async def undoing(self, change_sets: Sequence[str]) -> dict[str, str]:
        """By change-set the newest one that undoes it."""
        query: ChangeSetQuery = {"undoes": {"$in": list(change_sets)}, "state": {"$ne": "cancelled"}}
        found: Any = self._change_sets.find(query, max_time_ms=READ_MS).sort(_NEWEST_FIRST[::-1])
        oldest_first: list[ChangeSetDocument] = sorted(await found.to_list(None), key=lambda one: one["created_at"])
        return {one["undoes"]: one["_id"] for one in oldest_first if "undoes" in one}

    async def counts(self, change_set: str) -> ChangeSetCounts:
        """The verdicts on the items of a change-set by now."""
        pipeline = [{"$match": {"change_set": change_set}}, {"$group": {"_id": "$verdict", "items": {"$sum": 1}}}]
        found = self._journal.aggregate(pipeline, hint=BY_CHANGE_SET, maxTimeMS=READ_MS)
        by_verdict: dict[VerdictWord, int] = {one["_id"]: one["items"] async for one in found}
        changed: dict[Any, Any] = {
            "change_set": change_set,
            "verdict": "rejected",
            "errors.pointer": VERSION_CHANGED,
        }
        meanwhile: int = 0
        if by_verdict.get("rejected"):
            meanwhile = await self._journal.count_documents(changed, hint=BY_CHANGE_SET, maxTimeMS=READ_MS)
        return ChangeSetCounts(
            accepted=by_verdict.get("accepted", 0),
            rejected=by_verdict.get("rejected", 0),
            superseded=by_verdict.get("superseded", 0),
            changed_meanwhile=meanwhile,
        )

    async def items(
        self, change_set: str, verdict: VerdictWord | None, limit: int, cursor: str | None
    ) -> Page[JournalDocument]:
        """A page of the entries of a change-set, by verdict and task. Raises InvalidInput for what is no cursor."""
        query: dict[Any, Any] = {"change_set": change_set}
        if verdict is not None:
            query["verdict"] = verdict
        if cursor is not None:
            word, task_id = decode_cursor(_ITEMS, cursor, 2)
            query["$or"] = [{"verdict": {"$gt": word}}, {"verdict": word, "task_id": {"$gt": task_id}}]
        found: Any = self._journal.find(query, _NO_TASK, max_time_ms=READ_MS, hint=BY_CHANGE_SET)
        page = await found.sort(_ITEM_ORDER).limit(limit + 1).to_list(limit + 1)
        return cut_page(page, limit, lambda last: encode_cursor(_ITEMS, last["verdict"], last["task_id"]))

    async def accepted(self, change_set: str, after: str | None, limit: int) -> list[JournalDocument]:
        """The accepted entries behind a task, in the order of their tasks."""
        query: EntryQuery = {"change_set": change_set, "verdict": "accepted"}
        if after is not None:
            query["task_id"] = {"$gt": after}
        found: Any = self._journal.find(query, _NO_TASK, max_time_ms=READ_MS, hint=BY_CHANGE_SET)
        return await found.sort("task_id", 1).limit(limit).to_list(limit)

    async def answered(self, entries: Sequence[str]) -> set[str]:
        """Which of these entries of the journal are there."""
        query: EntryQuery = {"_id": {"$in": list(entries)}}
        only: Mapping[JournalField, int] = {"_id": 1}
        found = self._journal.find(query, only, max_time_ms=READ_MS)
        return {one["_id"] for one in await found.to_list(None)}

    async def current_versions(self, task_ids: Sequence[str]) -> dict[str, int]:
        """The versions of those of these tasks that are not deleted."""
        query: dict[TaskField, Any] = {"_id": {"$in": list(task_ids)}, "deleted": False}
        only: dict[TaskField, int] = {"version": 1}
        found = self._tasks.find(query, only, max_time_ms=READ_MS)
        return {one["_id"]: one["version"] for one in await found.to_list(None)}

    async def revisions(self, versions: Sequence[tuple[str, int]]) -> dict[str, RevisionDocument]:
        """The revisions that these versions of tasks are, by task."""
        found = self._revisions.find({"_id": {"$in": [revision_id(*one) for one in versions]}}, max_time_ms=READ_MS)
        return {one["task_id"]: one for one in await found.to_list(None)}

    async def revisions_before(self, revisions: Sequence[RevisionDocument]) -> dict[str, RevisionDocument]:
        """By task the one before each of these revisions, of tasks of their own; none where that is not known.

        What a revision supersedes ends when it begins.
        """
        at = {one["task_id"]: one for one in revisions}
        ends: set[datetime] = {one["effective_from"] for one in revisions}
        query: dict[RevisionField, Any] = {"task_id": {"$in": list(at)}, "superseded_at": {"$in": list(ends)}}
        before: dict[str, RevisionDocument] = {}
        async for one in self._revisions.find(query, max_time_ms=READ_MS):
            revision, nearest = at[one["task_id"]], before.get(one["task_id"])
            if order_key(one) < order_key(revision) and (nearest is None or order_key(nearest) < order_key(one)):
                before[one["task_id"]] = one
        return before

    async def revisions_after(self, revisions: Sequence[RevisionDocument]) -> dict[str, list[RevisionDocument]]:
        """By task the later versions than each of these revisions, in their order; none where there is none.

        A version that is under another version of a calendar is the same one.
        """
        after = [{"task_id": one["task_id"], "effective_from": {"$gte": one["effective_from"]}} for one in revisions]
        at = {one["task_id"]: one["version"] for one in revisions}
        found: dict[str, list[RevisionDocument]] = {}
        async for one in self._revisions.find({"$or": after}, max_time_ms=READ_MS):
            if one["version"] > at[one["task_id"]] and one["event_type"] != "calendar":
                found.setdefault(one["task_id"], []).append(one)
        return {task_id: sorted(some, key=order_key) for task_id, some in found.items()}

    async def undone_by(self, change_sets: Sequence[str]) -> dict[str, str]:
        """Which change-set each of these undoes; none of one that undoes none."""
        query: ChangeSetQuery = {"_id": {"$in": list(change_sets)}, "undoes": {"$exists": True}}
        only: dict[ChangeSetField, int] = {"undoes": 1}
        found = self._change_sets.find(query, only, max_time_ms=READ_MS)
        return {one["_id"]: one["undoes"] for one in await found.to_list(None)}

    async def versions_at(self, task_ids: Sequence[str], at: datetime) -> dict[str, int]:
        """The versions of these tasks that the log showed at a time; none of one that was not there.

        What was in force then, but not in the log yet, is told as a version that the task does not have: of what is
        there now none, of what is deleted the one that its end has.
        """
        query: dict[RevisionField, Any] = {
            "task_id": {"$in": list(task_ids)},
            "effective_from": {"$lte": at},
            "superseded_at": {"$not": {"$lte": at}},
        }
        only: dict[RevisionField, int] = dict.fromkeys(
            ("task_id", "version", "event_type", "superseded_at", "logged_at"), 1
        )
        versions: dict[str, int] = {}
        async for one in self._revisions.find(query, only, max_time_ms=READ_MS):
            is_late = one["superseded_at"] is None and one["logged_at"] > at
            if (one["event_type"] in ENDS) == is_late:
                versions[one["task_id"]] = max(one["version"], versions.get(one["task_id"], 0))
        return versions

    async def ended_runs(self, run_ids: Sequence[str]) -> set[str]:
        """Which of these runs have ended for good."""
        query: dict[str, Any] = {"_id": {"$in": list(run_ids)}, "state": {"$in": sorted(FINAL_STATES)}}
        found = self._runs.find(query, {"_id": 1}, max_time_ms=READ_MS)
        return {one["_id"] for one in await found.to_list(None)}
