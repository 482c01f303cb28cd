"""PURE. The definition of a task, as accepted, as fields of its document."""

from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from tasker_core.documents.tasks import TaskDefinitionFields
from tasker_core.documents.words import task_words
from tasker_core.messages.base import NULL
from tasker_core.ticker_state import Pause
from tasker_core.time.instant import to_ms
from tasker_core.timing.timing_key import NO_TIMES, timing_of


class DefinedTask(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The task in a verdict (AcceptedTask) as it is projected, with the words of all its options as they stand.

    They were checked by the ticker, which may be of a later release than this log sink and know more of them.
    """

    id: str
    name: str
    description: str = ""
    tags: list[str] = []
    schedule: Raw
    handler: str = "default"
    payload: Raw = NULL
    timeout: str = "PT1M"
    retry: Raw = NULL
    overlap: str = "allow"
    max_consecutive_failures: int | None = None
    misfire: Raw = NULL
    then: Raw = NULL
    notify: Raw = NULL
    paused: bool = False
    pause: Raw = NULL


class _Link(Struct, frozen=True, gc=False):
    """What counts of a successor."""

    task: str


_OPTIONS: Final = ("retry", "misfire", "then", "notify", "pause")
"""Kept as JSON text."""
_decode_links: Final = msgspec.json.Decoder(list[_Link] | None).decode
decode_defined_task: Final = msgspec.json.Decoder(DefinedTask).decode
_decode_pause: Final = msgspec.json.Decoder(Pause | None).decode


def definition_fields(task: DefinedTask, since: datetime) -> TaskDefinitionFields:
    """What a version defines that holds since an instant."""
    schedule = bytes(task.schedule)
    return {
        "name": task.name,
        "description": task.description,
        "tags": task.tags,
        "schedule_json": schedule.decode(),
        "timing": timing_of(schedule, task.id, to_ms(since) // 1000),
        "handler": task.handler,
        "payload_json": bytes(task.payload).decode(),
        "timeout": task.timeout,
        "retry_json": bytes(task.retry).decode(),
        "overlap": task.overlap,
        "max_consecutive_failures": task.max_consecutive_failures,
        "misfire_json": bytes(task.misfire).decode(),
        "then_json": bytes(task.then).decode(),
        "notify_json": bytes(task.notify).decode(),
        "starts": [link.task for link in _decode_links(task.then) or ()],
        "pause_json": bytes(task.pause).decode(),
        "paused_by": paused_by(bytes(task.pause)),
        "words": task_words(task.id, task.name, task.tags),
    }


def defined_task_json(task_id: str, fields: TaskDefinitionFields, *, paused: bool) -> str:
    """The task as accepted, from the fields that `definition_fields` made of it.

    Those that documents of earlier releases lack are left out: their defaults.
    """
    stored: dict[str, Any] = {name: fields.get(name) for name in TaskDefinitionFields.__annotations__}
    options = {name: stored[f"{name}_json"] for name in _OPTIONS}
    return msgspec.json.encode(
        DefinedTask(
            id=task_id,
            name=stored["name"],
            description=stored["description"],
            tags=stored["tags"],
            schedule=Raw(stored["schedule_json"]),
            handler=stored["handler"],
            payload=Raw(stored["payload_json"]),
            timeout=stored["timeout"],
            overlap=stored["overlap"] or "allow",
            max_consecutive_failures=stored["max_consecutive_failures"],
            paused=paused,
            **{name: Raw(text or "null") for name, text in options.items()},
        )
    ).decode()


def paused_by(pause_json: str | bytes) -> str | None:
    """Who has paused a task, by its `pause`; None when it isn't paused, or nobody was named."""
    pause = _decode_pause(pause_json)
    return None if pause is None else pause.by


def unknown_definition() -> TaskDefinitionFields:
    """What stands in a task of which no version is known."""
    return {
        "name": "",
        "description": "",
        "tags": [],
        "schedule_json": "null",
        "timing": NO_TIMES,
        "handler": "",
        "payload_json": "null",
        "timeout": "",
        "retry_json": "null",
        "overlap": "allow",
        "max_consecutive_failures": None,
        "misfire_json": "null",
        "then_json": "null",
        "notify_json": "null",
        "starts": [],
        "pause_json": "null",
        "paused_by": None,
        "words": [],
    }
