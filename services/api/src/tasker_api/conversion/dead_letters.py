"""PURE. From dead letters to HTTP shapes."""

import re
from typing import Any, cast

import msgspec

from tasker_api.dead_letters.redrive_plan import redrive_plan
from tasker_api.schemas.dead_letters import DeadLetterItem
from tasker_core.ids import TASK_ID_PATTERN
from tasker_core.messages.dead_letter import DeadLetter
from tasker_core.time.instant import from_ms
from tasker_core.topics import Topics

PREVIEW_CHARACTERS = 2_000


def dead_letter_item(dead_letter: DeadLetter, topics: Topics) -> DeadLetterItem:
    """A dead letter as the list shows it."""
    plan, text = redrive_plan(dead_letter, topics), dead_letter.value.decode(errors="replace")
    fields = _message_fields(dead_letter.value)
    task_id = _text(fields.get("task_id")) or _text(_object(fields.get("task")).get("id"))
    if task_id is None and dead_letter.key is not None:
        task_id = dead_letter.key.decode(errors="replace")
    return DeadLetterItem(
        id=f"{dead_letter.partition}-{dead_letter.offset}",
        partition=dead_letter.partition,
        offset=dead_letter.offset,
        buried_at=from_ms(dead_letter.written_ms),
        service=dead_letter.service,
        topic=dead_letter.topic,
        source_partition=dead_letter.source_partition,
        source_offset=dead_letter.source_offset,
        reason=dead_letter.reason,
        size=dead_letter.size,
        key=None if dead_letter.key is None else dead_letter.key.decode(errors="replace")[:PREVIEW_CHARACTERS],
        preview=text[:PREVIEW_CHARACTERS],
        is_cut=len(text) > PREVIEW_CHARACTERS or "value" in dead_letter.cut,
        task_id=task_id if task_id is not None and re.fullmatch(TASK_ID_PATTERN, task_id) else None,
        run_id=_text(fields.get("run_id")),
        redrive=plan.action,
        obstacle=plan.obstacle,
    )


def _message_fields(value: bytes) -> dict[str, Any]:
    """The fields of an event, run or result, where the bytes are any of these."""
    try:
        fields = _object(msgspec.json.decode(value))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return _object(fields.get("data")) if "specversion" in fields else fields


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value[:PREVIEW_CHARACTERS] if isinstance(value, str) else None
