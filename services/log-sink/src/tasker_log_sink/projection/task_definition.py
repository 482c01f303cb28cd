"""PURE. The definition of a task, as accepted, as fields of its document."""

from typing import Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from tasker_core.documents.tasks import TaskDefinitionFields
from tasker_core.messages import encode
from tasker_core.ticker_state import AcceptedTask

decode_accepted_task: Final = msgspec.json.Decoder(AcceptedTask).decode
_decode_tags: Final = msgspec.json.Decoder(list[str]).decode


def definition_fields(task: AcceptedTask) -> TaskDefinitionFields:
    """What a version defines. Raises ValueError for tags that are none."""
    return {
        "name": task.name,
        "description": task.description,
        "tags": _decode_tags(task.tags),
        "schedule_json": bytes(task.schedule).decode(),
        "handler": task.handler,
        "payload_json": bytes(task.payload).decode(),
        "timeout": task.timeout,
        "retry_json": _json(task.retry),
        "overlap": "allow" if task.overlap is UNSET else task.overlap,
        "max_consecutive_failures": None if task.max_consecutive_failures is UNSET else task.max_consecutive_failures,
        "misfire_json": _json(task.misfire),
        "pause_json": _json(task.pause),
    }


def unknown_definition() -> TaskDefinitionFields:
    """What stands in a task of which no version is known."""
    return {
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
    }


def _json(options: Struct | UnsetType) -> str:
    return "null" if options is UNSET else encode(options).decode()
