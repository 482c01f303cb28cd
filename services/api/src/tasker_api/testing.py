"""The API on real backends, in one process, for tests; `Sink` plays the log sink's part and writes as it does."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from tasker_api.app import create_app
from tasker_api.commands import Commands
from tasker_api.deps import Services
from tasker_api.journal import Journal
from tasker_api.letters import LetterBox
from tasker_api.settings import ApiSettings
from tasker_api.store import Store
from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_runtime.clock import SystemClock
from tasker_runtime.documents import INDEXES
from tasker_runtime.health import Health
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
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
            "retry_json": "null",
            "overlap": "allow",
            "max_consecutive_failures": None,
            "misfire_json": "null",
            "pause_json": "null",
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
            "retry_at": None,
            "handler": "default",
            "payload_json": '{"a":1}',
            "result_json": "true",
            "error": None,
            "worker": "w",
        }
        await self.db["runs"].insert_one(document | changes)

    async def missed(self, task_id: str, first: datetime, last: datetime, **changes: Any) -> None:
        """One range of nominal times that did not run."""
        document: dict[str, Any] = {
            "_id": f"{task_id}/{first}/{last}",
            "task_id": task_id,
            "generation": 1,
            "version": 1,
            "reason": "coalesced",
            "from_at": first,
            "to_at": last,
            "logged_at": NOON,
        }
        await self.db["missed"].insert_one(document | changes)

    async def handler(self, name: str, **changes: Any) -> None:
        """One announced handler."""
        document: dict[str, Any] = {
            "_id": name,
            "withdrawn": False,
            "description": f"What {name} does.",
            "group": "others",
            "payload_schema_json": "null",
            "problem": None,
            "logged_at": NOON,
        }
        await self.db["handlers"].insert_one(document | changes)

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
        self.sender = RecordProducer(kafka)
        commands = Commands(self.sender, Topics(topics)["task-events"], self.journal, self.store)
        letters = LetterBox(kafka, Topics(topics), PARTITIONS, self.sender)
        services = Services(commands, self.store, letters, SystemClock())
        self.app = create_app(ApiSettings(web_root=None), services, self.health, self.log)

    def client(self, **headers: str) -> httpx.AsyncClient:
        """An HTTP client of it."""
        transport = httpx.ASGITransport(self.app)
        base = "http://localhost:3000/api/v1"
        return httpx.AsyncClient(transport=transport, base_url=base, headers=headers, timeout=20)


class Ticker:
    """Reads the events, and answers each as a test wants."""

    def __init__(self, api: Running, reader: PartitionReader) -> None:
        self._api, self._reader = api, reader
        self.events: list[dict[str, Any]] = []

    async def answer(self, **changes: Any) -> dict[str, Any]:
        """Wait for the next event and give its verdict."""
        async with asyncio.timeout(20):
            while not (records := await self._reader.poll(100)):
                pass
        record = records[0]
        event: dict[str, Any] = msgspec.json.decode(record.value or b"")
        task_id = event["task"]["id"] if "task" in event else event["task_id"]
        assert (record.key or b"").decode() == task_id
        assert record.partition == partition_of(task_id, PARTITIONS)
        self.events.append(event)
        if changes:
            verdict = {"event_type": event["type"], "digest": event["digest"]} | changes
            await self._api.sink.verdict(task_id, event["id"], **verdict)
        return event
