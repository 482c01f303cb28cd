"""PURE. Messages made up, and the collections without a database, for tests."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw

from tasker_core.messages import NULL, Ended, RunFinished, RunStarted, Verdict, encode
from tasker_core.time.instant import from_ms, rfc3339
from tasker_log_sink.consuming.decoding import DecodedRecord
from tasker_log_sink.projection.batch_projection import (
    CollectionChanges,
    CollectionName,
    StoredDocuments,
    needed_ids,
    project,
    project_tasks,
)
from tasker_log_sink.projection.task_progress import TaskProgress
from tasker_log_sink.projection.tasks import UNREAD, Document

NOON_MS = 1_767_268_800_000
"""2026-01-01T12:00:00Z; seconds below are told after it."""
NAMES: tuple[CollectionName, ...] = ("tasks", "runs", "journal", "missed", "handlers")
CLOCKED = ("logged_at", "gone_at")
"""Fields that tell when something was written."""


def at(second: float) -> str:
    """The wire form of a second after noon."""
    return rfc3339(NOON_MS + int(second * 1000))


def when(second: float) -> datetime:
    """The same as it is stored."""
    return from_ms(NOON_MS + int(second * 1000))


def verdict(task_id: str, version: int, since: float, **fields: Any) -> bytes:
    """An accepted `put`, unless `event_type` says otherwise, of a task that `task` describes further (None: none)."""
    more: dict[str, Any] | None = fields.pop("task", {})
    task = {"id": task_id, "name": f"v{version}", "schedule": {"cron": "* * * * * *"}, "timeout": "PT1M"}
    told: dict[str, Any] = {
        "event_id": f"e{version}",
        "event_type": "put",
        "verdict": "accepted",
        "generation": version,
        "effective_from": at(since),
        "task": NULL if more is None else Raw(msgspec.json.encode(task | more)),
        "next_at": at(since + 1),
    }
    return encode(Verdict(task_id=task_id, version=version, **(told | fields)))


def run(run_id: str, task_id: str, version: int, nominal: float, **fields: Any) -> dict[str, Any]:
    """The fields that all messages about a run have."""
    told: dict[str, Any] = {
        "run_id": run_id,
        "task_id": task_id,
        "task_name": f"v{version}",
        "generation": version,
        "version": version,
        "nominal_at": at(nominal),
        "effective_at": at(nominal),
        "emitted_at": at(nominal),
        "next_at": at(nominal + 1),
        "received_at": at(nominal + 0.1),
        "started_at": at(nominal + 0.2),
        "worker": "w",
    }
    return told | fields


def started(run_id: str, task_id: str, version: int, nominal: float, **fields: Any) -> bytes:
    """A run that is going on."""
    return encode(RunStarted(**run(run_id, task_id, version, nominal, **fields)))


def finished(run_id: str, task_id: str, version: int, nominal: float, **fields: Any) -> bytes:
    """A run that succeeded, unless `outcome` says otherwise."""
    told: dict[str, Any] = {"outcome": "succeeded", "finished_at": at(nominal + 0.3)}
    return encode(RunFinished(**run(run_id, task_id, version, nominal, **(told | fields))))


def ended(run_id: str, task_id: str, version: int, nominal: float, **fields: Any) -> bytes:
    """The ticker's last word on a run whose second attempt was cancelled, unless the fields say otherwise."""
    told: dict[str, Any] = {
        "run_id": run_id,
        "task_id": task_id,
        "task_name": f"v{version}",
        "version": version,
        "generation": version,
        "nominal_at": at(nominal),
        "effective_at": at(nominal),
        "attempt": 2,
        "outcome": "cancelled",
        "reason": "cancelled",
        "ended_at": at(nominal + 4),
    }
    return encode(Ended(**(told | fields)))


class InMemoryStore:
    """The collections as dictionaries: the same rules, no database."""

    def __init__(self) -> None:
        self.documents: dict[CollectionName, dict[str, Document]] = {name: {} for name in NAMES}

    async def apply(self, facts: Sequence[DecodedRecord], now: datetime) -> dict[str, TaskProgress]:
        """A batch, as the store applies it."""
        projected = project(facts, self._read(needed_ids(facts)), now)
        for name, changes in projected.changes.items():
            self._write(name, changes)
        return projected.moves

    async def move(self, moves: dict[str, TaskProgress], now: datetime) -> None:
        """Moves, as the store makes them."""
        stored = self._read({"tasks": list(moves)})["tasks"]
        self._write("tasks", project_tasks({task_id: [move] for task_id, move in moves.items()}, stored, now))

    async def all(self) -> dict[CollectionName, dict[str, Document]]:
        """All documents by their ids."""
        return self.documents

    def _read(self, ids: dict[CollectionName, list[str]]) -> StoredDocuments:
        found: dict[CollectionName, dict[str, Document]] = {}
        for name, some in ids.items():
            standing = self.documents[name]
            found[name] = {one: deepcopy(standing[one]) for one in some if one in standing}
        for task in found.get("tasks", {}).values():
            for hidden in UNREAD:
                del task[hidden]
        return found

    def _write(self, name: CollectionName, changes: CollectionChanges) -> None:
        for document in changes.inserts:
            if document["_id"] in self.documents[name]:
                raise ValueError(f"duplicate key {document['_id']}")
            self.documents[name][document["_id"]] = deepcopy(document)
        for one, fields in changes.updates:
            self.documents[name][one] |= deepcopy(fields)


def unclocked(documents: dict[CollectionName, dict[str, Document]]) -> dict[CollectionName, dict[str, Document]]:
    """Documents without what the clock put into them."""
    return {
        name: {one: {k: v for k, v in document.items() if k not in CLOCKED} for one, document in some.items()}
        for name, some in documents.items()
    }
