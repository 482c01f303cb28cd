"""PURE. What stands of a task, in whatever order its messages come.

Versions only grow, along generations too. Each fact is a maximum or a minimum over what was told so far, so neither
order nor repetition changes the outcome.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import Raw

from tasker_core.messages import NULL
from tasker_core.time.instant import to_ms

Document = dict[str, Any]

UNREAD = (
    *("name", "description", "tags", "schedule_json", "payload_json", "handler"),
    *("timeout", "retry_json", "overlap", "max_consecutive_failures", "misfire_json", "pause_json"),
)
"""What a definition brings and no fact looks at: it need not be read to go on from what is stored."""


class Definition(msgspec.Struct, frozen=True):
    """The task in an accepted verdict."""

    schedule: Raw
    name: str = ""
    description: str = ""
    tags: list[str] = []
    handler: str = "default"
    payload: Raw = NULL
    timeout: str = "PT1M"
    retry: Raw = NULL
    overlap: str = "allow"
    max_consecutive_failures: int | None = None
    misfire: Raw = NULL
    paused: bool = False
    pause: Raw = NULL


decode_definition = msgspec.json.Decoder(Definition).decode


def unknown(task_id: str) -> Document:
    """A task of which no version is known: hidden like a deleted one until it is defined."""
    return {
        "_id": task_id,
        "generation": 0,
        "version": 0,
        "name": "",
        "description": "",
        "tags": [],
        "schedule_json": "null",
        "handler": "",
        "payload_json": "null",
        "timeout": "",
        "retry_json": "null",
        "overlap": "allow",
        "max_consecutive_failures": None,
        "misfire_json": "null",
        "pause_json": "null",
        "state": "active",
        "created_at": None,
        "updated_at": None,
        "next_at": None,
        "next_of": [0, 0, 0],
        "last_run": None,
        "last_of": [0, 0, "", 0],
        "deleted": True,
        "finished_version": 0,
        "deleted_version": 0,
    }


class TaskUpdate(Protocol):
    """Something told of a task; `apply` changes the document accordingly and never fails."""

    def apply(self, task: Document) -> None: ...


class NextTime(NamedTuple):
    """What is next, as told under a version at an effective time: only what is told later changes it."""

    version: int
    effective: datetime
    next_at: datetime | None

    @property
    def place(self) -> list[int]:
        """In the order of (version, effective time); of two in one place the later `next_at` wins."""
        return [self.version, to_ms(self.effective), 0 if self.next_at is None else to_ms(self.next_at)]

    def apply(self, task: Document) -> None:
        """Move forward, or stay."""
        if (place := self.place) > task["next_of"]:
            task["next_of"], task["next_at"] = place, self.next_at


@dataclass(frozen=True, slots=True)
class DefinedVersion:
    """A version of the task, holding from `since`; `over`: it has no occurrence left."""

    generation: int
    version: int
    since: datetime
    definition: Definition
    over: bool

    def apply(self, task: Document) -> None:
        """Let the greater (generation, version) win; the creation is the generation's first instant."""
        if self.over and not self.definition.paused:  # as when a finished task gets another name
            task["finished_version"] = max(task["finished_version"], self.version)
        key, stands = (self.generation, self.version), (task["generation"], task["version"])
        if self.generation >= stands[0]:
            known = task["created_at"] if self.generation == stands[0] else None
            task["created_at"] = self.since if known is None else min(known, self.since)
        if key == stands:  # told again, as by a trigger
            task["updated_at"] = min(task["updated_at"], self.since)
        elif key > stands:
            task |= {"generation": self.generation, "version": self.version, "updated_at": self.since} | self._fields()
        _settle(task)

    def _fields(self) -> Document:
        definition = self.definition
        return {
            "name": definition.name,
            "description": definition.description,
            "tags": definition.tags,
            "schedule_json": bytes(definition.schedule).decode(),
            "handler": definition.handler,
            "payload_json": bytes(definition.payload).decode(),
            "timeout": definition.timeout,
            "retry_json": bytes(definition.retry).decode(),
            "overlap": definition.overlap,
            "max_consecutive_failures": definition.max_consecutive_failures,
            "misfire_json": bytes(definition.misfire).decode(),
            "pause_json": bytes(definition.pause).decode(),
            "state": "paused" if definition.paused else "active",
        }


@dataclass(frozen=True, slots=True)
class FinishedVersion:
    """No occurrence is left under this version or an earlier one."""

    version: int

    def apply(self, task: Document) -> None:
        """Finished, unless a later version revives it."""
        task["finished_version"] = max(task["finished_version"], self.version)
        _settle(task)


@dataclass(frozen=True, slots=True)
class DeletedVersion:
    """Deleted or removed at this version."""

    version: int

    def apply(self, task: Document) -> None:
        """Gone, unless a later version stands: that is another generation."""
        task["deleted_version"] = max(task["deleted_version"], self.version)
        _settle(task)


def _settle(task: Document) -> None:
    """Derive the words that several facts decide together."""
    task["deleted"] = task["deleted_version"] >= task["version"]
    if task["state"] != "paused":
        task["state"] = "finished" if task["finished_version"] >= task["version"] else "active"
