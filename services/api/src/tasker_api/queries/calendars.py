"""Reads of calendars, their revisions, and the tasks that use them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypedDict

from tasker_api.queries.cursor import decode_cursor, encode_cursor
from tasker_api.queries.keyset import READ_MS, Page, cut_page
from tasker_core.calendars.calendar_days import CalendarDays, calendar_days
from tasker_core.documents.calendars import (
    CalendarDocument,
    CalendarField,
    CalendarRevisionDocument,
    CalendarRevisionField,
    CalendarUse,
    revision_id,
)
from tasker_core.documents.tasks import TaskDocument, TaskPath
from tasker_runtime.mongo import Mongo

MAX_GROUPS: Final = 2_000
"""So many schedules, those with the most tasks, are looked at for a diff."""
MAX_READ: Final = 1_000
"""The days of so many calendars are read for a forecast."""
MAX_KNOWN: Final = 200
"""So many names of calendars are read to tell which there are."""
_GROUP_MS: Final = 5_000
CalendarQuery = dict[CalendarField, Any]
RevisionQuery = dict[CalendarRevisionField, Any]
UseQuery = dict[TaskPath, Any]


class ScheduleGroup(TypedDict):
    """Tasks with the same schedule, under the same versions of the same calendars; `first` is one of them."""

    schedule_json: str
    state: str
    calendars: list[CalendarUse]
    tasks: int
    first: str


class UseCounts(NamedTuple):
    """How many tasks use a calendar, and how many of them are under an older version than the newest."""

    tasks: int
    behind: int


class CalendarQueries:
    """The collections `calendars` and `calendar_revisions`, and who uses what in `tasks`."""

    def __init__(self, mongo: Mongo) -> None:
        self._calendars, self._revisions = mongo.database["calendars"], mongo.database["calendar_revisions"]
        self._tasks = mongo.database["tasks"]

    async def find(self, name: str) -> CalendarDocument | None:
        """A calendar that is not deleted."""
        query: CalendarQuery = {"_id": name, "deleted": False}
        return await self._calendars.find_one(query, max_time_ms=READ_MS)

    async def find_last(self, name: str) -> CalendarDocument | None:
        """A calendar as it is, or as it was when it was deleted."""
        query: CalendarQuery = {"_id": name}
        return await self._calendars.find_one(query, max_time_ms=READ_MS)

    async def page(self, limit: int, cursor: str | None) -> Page[CalendarDocument]:
        """A page of calendars by name, and the cursor of the next one."""
        query: CalendarQuery = {"deleted": False}
        if cursor:
            query["_id"] = {"$gt": decode_cursor("calendars", cursor, 1)[0]}
        found: Any = self._calendars.find(query, max_time_ms=READ_MS).sort("_id", 1).limit(limit + 1)
        return cut_page(await found.to_list(None), limit, lambda last: encode_cursor("calendars", last["_id"]))

    async def names(self) -> list[str]:
        """The names of the first MAX_KNOWN calendars."""
        query: CalendarQuery = {"deleted": False}
        found: Any = self._calendars.find(query, {"_id": 1}, max_time_ms=READ_MS).sort("_id", 1).limit(MAX_KNOWN)
        return [one["_id"] for one in await found.to_list(None)]

    async def days(self, names: Iterable[str], uses: Iterable[CalendarUse] = ()) -> dict[str, CalendarDays]:
        """The days of calendars as they are now; of a deleted one only for `uses` that are under its last version."""
        query: CalendarQuery = {"_id": {"$in": list(names)}}
        under = {use["name"]: use["version"] for use in uses}
        found: list[CalendarDocument] = await self._calendars.find(query, max_time_ms=READ_MS).to_list(None)
        return {
            one["_id"]: calendar_days(one["days"])
            for one in found
            if not one["deleted"] or under.get(one["_id"]) == one["content_version"]
        }

    async def latest_days(self, names: Sequence[str]) -> dict[str, CalendarDays]:
        """What all tasks that use these calendars are under, or soon will be; of a deleted one its last days."""
        query: CalendarQuery = {"_id": {"$in": list(names)}}
        found: Any = self._calendars.find(query, {"days": 1}, max_time_ms=READ_MS)
        return {one["_id"]: calendar_days(one["days"]) async for one in found}

    async def days_of_versions(self, uses: Iterable[CalendarUse]) -> dict[str, CalendarDays]:
        """The days of the very versions that a task is under; without those that are known no more."""
        listed = list(uses)
        if not listed:
            return {}
        query: RevisionQuery = {"_id": {"$in": [revision_id(use["name"], use["version"]) for use in listed]}}
        found: list[CalendarRevisionDocument] = await self._revisions.find(query, max_time_ms=READ_MS).to_list(None)
        return {one["name"]: calendar_days(one["days"]) for one in found}

    async def revisions(self, name: str, limit: int, cursor: str | None) -> Page[CalendarRevisionDocument]:
        """A page of the versions of a calendar, the newest first; and one more, against which the last is compared."""
        query: RevisionQuery = {"name": name}
        if cursor:
            query["version"] = {"$lte": decode_cursor("revisions", cursor, 1)[0]}
        found: Any = self._revisions.find(query, max_time_ms=READ_MS).sort("version", -1).limit(limit + 1)
        listed: list[CalendarRevisionDocument] = await found.to_list(None)
        return listed, encode_cursor("revisions", listed[limit]["version"]) if len(listed) > limit else None

    async def counts(self, name: str, version: int) -> UseCounts:
        """How many tasks use a calendar."""
        using, older = self._using(name), {"$elemMatch": {"name": name, "version": {"$lt": version}}}
        tasks = await self._tasks.count_documents(using, maxTimeMS=READ_MS)
        behind = await self._tasks.count_documents({**using, "calendars": older}, maxTimeMS=READ_MS) if tasks else 0
        return UseCounts(tasks, behind)

    async def tasks(self, name: str, limit: int, cursor: str | None) -> Page[TaskDocument]:
        """A page of the tasks that use a calendar, by id."""
        query = self._using(name)
        if cursor:
            query["_id"] = {"$gt": decode_cursor("users", cursor, 1)[0]}
        found: Any = self._tasks.find(query, {"payload_json": 0}, max_time_ms=READ_MS).sort("_id", 1).limit(limit + 1)
        return cut_page(await found.to_list(None), limit, lambda last: encode_cursor("users", last["_id"]))

    async def groups(self, name: str) -> list[ScheduleGroup]:
        """The tasks that use a calendar by what they share: the MAX_GROUPS largest groups, and one more if there is."""
        key = {"schedule_json": "$schedule_json", "state": "$state", "calendars": "$calendars"}
        grouped: list[Mapping[str, Any]] = [
            {"$match": self._using(name)},
            {"$group": {"_id": key, "tasks": {"$sum": 1}, "first": {"$min": "$_id"}}},
            {"$sort": {"tasks": -1, "_id": 1}},
            {"$limit": MAX_GROUPS + 1},
        ]
        found = await self._tasks.aggregate(grouped, maxTimeMS=_GROUP_MS).to_list(None)
        return [ScheduleGroup(**one["_id"], tasks=one["tasks"], first=one["first"]) for one in found]

    @staticmethod
    def _using(name: str) -> UseQuery:
        return {"calendars.name": name, "deleted": False}
