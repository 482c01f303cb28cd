"""The API on real backends, in one process, for tests; `Sink` plays the log sink's part and writes as it does."""

from datetime import UTC, datetime
from typing import Any

import httpx

from tasker_api.app import create_app
from tasker_api.commands import Commands
from tasker_api.deps import Services
from tasker_api.journal import Journal
from tasker_api.settings import ApiSettings
from tasker_api.store import Store
from tasker_core.topics import Topics
from tasker_runtime.clock import SystemClock
from tasker_runtime.documents import INDEXES
from tasker_runtime.health import Health
from tasker_runtime.kafka import Sender
from tasker_runtime.logs import configure
from tasker_runtime.mongo import Mongo

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Sink:
    """Writes documents as the log sink does."""

    def __init__(self, mongo: Mongo) -> None:
        self.db = mongo.database

    async def indexes(self) -> None:
        for collection, found in INDEXES.items():
            for name, keys, options in found:
                await self.db[collection].create_index(keys, name=name, **options)

    async def task(self, task_id: str, **changes: Any) -> None:
        """One task document."""
        document: dict[str, Any] = {
            "_id": task_id,
            "generation": 1,
            "version": 1,
            "name": task_id.title(),
            "description": "",
            "tags": [],
            "schedule_json": '{"cron":"*/5 * * * *","timezone":"UTC","gap":"shift","fold":"first"}',
            "handler": "default",
            "payload_json": "null",
            "timeout": "PT1M",
            "misfire_json": "null",
            "state": "active",
            "created_at": NOON,
            "updated_at": NOON,
            "next_at": NOON,
            "next_of": [1, 0],
            "last_run": None,
            "deleted": False,
        }
        await self.db["tasks"].insert_one(document | changes)

    async def run(self, run_id: str, **changes: Any) -> None:
        """One run document."""
        document: dict[str, Any] = {
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
            "handler": "default",
            "payload_json": '{"a":1}',
            "result_json": "true",
            "error": None,
            "worker": "w",
        }
        await self.db["runs"].insert_one(document | changes)

    async def verdict(self, task_id: str, event_id: str, **changes: Any) -> None:
        """One journal document."""
        document: dict[str, Any] = {
            "_id": f"{task_id}/{event_id}",
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
        await self.db["journal"].insert_one(document | changes)


class Running:
    """An API in this process: its app, and what it is made of."""

    def __init__(self, kafka: str, topics: str, database: str) -> None:
        self.log, self.health = configure("api", "console"), Health()
        self.mongo = Mongo(database)
        self.sink, self.store = Sink(self.mongo), Store(self.mongo)
        self.journal = Journal(self.mongo, self.health, self.log)
        self.sender = Sender(kafka)
        commands = Commands(self.sender, Topics(topics)["task-events"], self.journal, self.store)
        services = Services(commands, self.store, SystemClock())
        self.app = create_app(ApiSettings(web_root=None), services, self.health, self.log)

    def client(self, **headers: str) -> httpx.AsyncClient:
        """An HTTP client of it."""
        transport = httpx.ASGITransport(self.app)
        base = "http://localhost:3000/api/v1"
        return httpx.AsyncClient(transport=transport, base_url=base, headers=headers, timeout=20)
