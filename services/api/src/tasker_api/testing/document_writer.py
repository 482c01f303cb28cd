"""Writes documents to MongoDB as the log sink does."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tasker_core.documents.calendars import CalendarContent, CalendarDocument, CalendarRevisionDocument, revision_id
from tasker_core.documents.handlers import HandlerDocument
from tasker_core.documents.indexes import INDEXES
from tasker_core.documents.journal import JournalDocument, entry_id
from tasker_core.documents.missed_occurrences import MissedDocument
from tasker_core.documents.revisions import RevisionDocument
from tasker_core.documents.runs import RunDocument
from tasker_core.documents.tasks import TaskDocument
from tasker_core.documents.words import task_words
from tasker_runtime.mongo import Mongo

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class DocumentWriter:
    """One method a collection; `changes` replace the defaults."""

    def __init__(self, mongo: Mongo) -> None:
        self.database = mongo.database

    async def indexes(self) -> None:
        for collection, found in INDEXES.items():
            for name, keys, options in found:
                await self.database[collection].create_index(list(keys), name=name, **options)

    async def task(self, task_id: str, **changes: Any) -> None:
        """One task document."""
        document: TaskDocument = {
            "_id": task_id,
            "generation": 1,
            "version": 1,
            "name": task_id.title(),
            "description": "",
            "tags": [],
            "schedule_json": '{"cron":"*/5 * * * *","timezone":"UTC","gap":"shift","fold":"first"}',
            "timing": "",
            "handler": "default",
            "payload_json": "null",
            "timeout": "PT1M",
            "retry_json": "null",
            "overlap": "allow",
            "max_consecutive_failures": None,
            "misfire_json": "null",
            "then_json": "null",
            "notify_json": "null",
            "starts": [],
            "pause_json": "null",
            "paused_by": None,
            "words": task_words(task_id, changes.get("name", task_id.title()), changes.get("tags", ())),
            "state": "active",
            "created_at": NOON,
            "updated_at": NOON,
            "next_at": NOON,
            "due_at": None,
            "next_of": [1, 0, 0],
            "last_run": None,
            "last_of": [0, 0, "", 0],
            "last_outcome": None,
            "ended_of": [1, 0],
            "failures": 0,
            "streak": {"after": 0, "failed": []},
            "deleted": False,
            "finished_version": 0,
            "last_nominal_ms": 0,
            "deleted_version": 0,
            "calendars": [],
            "gone_at": None,
        }
        await self.database["tasks"].insert_one(stored := {**document, **changes})
        if not stored["deleted"]:
            times = {name: stored[name] for name in ("next_at", "due_at")}
            await self.database["next_times"].insert_one({"_id": task_id, **times})

    async def change_task(self, task_id: str, **changes: Any) -> None:
        """Fields of a task that is not deleted, if there is one."""
        await self.database["tasks"].update_one({"_id": task_id}, {"$set": changes})
        if "next_at" in changes:
            await self.database["next_times"].update_one({"_id": task_id}, {"$set": {"next_at": changes["next_at"]}})

    async def remove_task(self, task_id: str) -> None:
        """A task and its next time."""
        for collection in ("tasks", "next_times"):
            await self.database[collection].delete_one({"_id": task_id})

    async def run(self, run_id: str, **changes: Any) -> None:
        """One run document."""
        document: RunDocument = {
            "_id": run_id,
            "task_id": "a",
            "task_name": "A",
            "generation": 1,
            "version": 1,
            "kind": "scheduled",
            "lane": "live",
            "nominal_at": NOON,
            "effective_at": NOON,
            "emitted_at": NOON,
            "received_at": NOON,
            "started_at": NOON,
            "finished_at": NOON,
            "logged_at": NOON,
            "attempt": 1,
            "attempts": [],
            "state": "succeeded",
            "retry_at": None,
            "handler": "default",
            "payload_json": '{"a":1}',
            "result_json": "true",
            "error": None,
            "worker": "w",
        }
        await self.database["runs"].insert_one({**document, **changes})

    async def missed(self, task_id: str, first: datetime, last: datetime, **changes: Any) -> None:
        """One range of nominal times that did not run."""
        document: MissedDocument = {
            "_id": f"{task_id}/{first}/{last}",
            "task_id": task_id,
            "generation": 1,
            "version": 1,
            "reason": "coalesced",
            "from_at": first,
            "to_at": last,
            "logged_at": NOON,
        }
        await self.database["missed"].insert_one({**document, **changes})

    async def handler(self, name: str, **changes: Any) -> None:
        """One announced handler."""
        document: HandlerDocument = {
            "_id": name,
            "withdrawn": False,
            "description": f"What {name} does.",
            "group": "others",
            "payload_schema_json": "null",
            "problem": None,
            "logged_at": NOON,
        }
        await self.database["handlers"].insert_one({**document, **changes})

    async def calendar(
        self, name: str, days: Sequence[str], *, version: int = 1, superseded: bool = False, deleted: bool = False
    ) -> None:
        """A version of a calendar; it is the one that stands unless it is superseded."""
        content: CalendarContent = {
            "name": name,
            "version": version,
            "description": "",
            "days": days,
            "deleted": False,
            "effective_from": NOON,
            "actor": None,
            "channel": "rest",
            "note": None,
            "event_id": f"{name}-{version}",
        }
        revision: CalendarRevisionDocument = {
            **content,
            "_id": revision_id(name, version),
            "superseded_at": NOON if superseded else None,
            "logged_at": NOON,
        }
        await self.database["calendar_revisions"].insert_one(revision)
        if not superseded:
            document: CalendarDocument = {
                **content,
                "_id": name,
                "deleted": deleted,
                "version": version + 1 if deleted else version,
                "content_version": version,
                "created_at": NOON,
                "logged_at": NOON,
            }
            await self.database["calendars"].insert_one(document)

    async def verdict(self, task_id: str, event_id: str, **changes: Any) -> None:
        """One journal document."""
        document: JournalDocument = {
            "_id": entry_id(task_id, event_id),
            "task_id": task_id,
            "event_id": event_id,
            "event_type": "put",
            "verdict": "accepted",
            "generation": 1,
            "version": 1,
            "actor": None,
            "channel": "rest",
            "note": None,
            "digest": None,
            "effective_from": NOON,
            "task_json": None,
            "next_at": None,
            "run_id": None,
            "errors": [],
            "logged_at": NOON,
        }
        await self.database["journal"].insert_one({**document, **changes})

    async def revision(self, task_id: str, version: int, **changes: Any) -> None:
        """One revision document, its id by the version unless told otherwise."""
        task = {"id": task_id, "name": task_id.title(), "schedule": {"cron": "*/5 * * * *"}, "timeout": "PT1M"}
        document: RevisionDocument = {
            "_id": f"{task_id}/{version}",
            "task_id": task_id,
            "generation": 1,
            "version": version,
            "position": version,
            "event_id": f"e{version}",
            "event_type": "put",
            "actor": None,
            "channel": "rest",
            "note": None,
            "effective_from": NOON,
            "since": NOON,
            "after_nominal": None,
            "task_json": json.dumps(task),
            "paused": False,
            "calendars": {},
            "source": "verdict",
            "finished": None,
            "superseded_at": None,
            "logged_at": NOON,
        }
        await self.database["revisions"].insert_one({**document, **changes})
