"""PURE. Of which task and which run a dead letter is, as far as its bytes say so."""

import re
from typing import Any, Final, NamedTuple, cast

import msgspec

from tasker_core.ids import TASK_ID_PATTERN
from tasker_core.messages.dead_letter import DeadLetter

MAX_TEXT: Final = 2_000
_TASK_ID: Final = re.compile(TASK_ID_PATTERN)


class LetterSubject(NamedTuple):
    """The ids in a dead letter; None where there is none."""

    task_id: str | None
    run_id: str | None


def subject_of(dead_letter: DeadLetter) -> LetterSubject:
    """What the event, run or result in a dead letter is about; else its key, which is a task's id."""
    fields = _message_fields(dead_letter.value)
    task_id = _text(fields.get("task_id")) or _text(_object(fields.get("task")).get("id"))
    if task_id is None and dead_letter.key is not None:
        task_id = dead_letter.key.decode(errors="replace")
    is_id = task_id is not None and _TASK_ID.fullmatch(task_id) is not None
    return LetterSubject(task_id if is_id else None, _text(fields.get("run_id")))


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
    return value[:MAX_TEXT] if isinstance(value, str) else None
