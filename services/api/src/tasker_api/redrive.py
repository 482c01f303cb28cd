"""PURE. What a dead letter looks like, and what a redrive of it means.

An event goes back to where it came from, and so does a result: anybody's are taken there. The due topics, verdicts and
watermarks have one writer, the ticker: a run is run again by a trigger of its task, and the rest can't be redriven.
"""

import re
from typing import Any, NamedTuple, cast

import msgspec

from tasker_api.schemas_letters import DeadLetter as Shown
from tasker_api.schemas_letters import Redrive
from tasker_core.dead_letter import DeadLetter
from tasker_core.ids import TASK_ID_PATTERN
from tasker_core.messages import Run, decode_run
from tasker_core.time.instant import from_ms
from tasker_core.topics import Topics

PREVIEW_CHARACTERS = 2_000


class Way(NamedTuple):
    """How a letter is redriven, with the run where it is run again; or why it can't be."""

    how: Redrive | None
    run: Run | None = None
    obstacle: str | None = None


def way_of(letter: DeadLetter, topics: Topics) -> Way:
    """What a redrive of a letter does."""
    if letter.topic in (topics["task-events"], topics["results"]):
        if letter.cut:
            return Way(None, obstacle=f"its {' and '.join(letter.cut)} was too large to be kept whole")
        return Way("send_back")
    if letter.topic in (topics["due-tasks"], topics["due-background"]):
        run = None if "value" in letter.cut else _run(letter.value)
        if run is None:
            return Way(None, obstacle=f"only the ticker writes {letter.topic}, and these bytes are no run")
        return Way("run_again", run)
    return Way(None, obstacle=f"records of {letter.topic} have one writer; nobody else may send them again")


def shown(letter: DeadLetter, topics: Topics) -> Shown:
    """A letter as the list shows it."""
    way, text = way_of(letter, topics), letter.value.decode(errors="replace")
    told = _told(letter.value)
    task_id = _text(told.get("task_id")) or _text(_object(told.get("task")).get("id"))
    if task_id is None and letter.key is not None:
        task_id = letter.key.decode(errors="replace")
    return Shown(
        id=f"{letter.partition}-{letter.offset}",
        partition=letter.partition,
        offset=letter.offset,
        buried_at=from_ms(letter.written_ms),
        service=letter.service,
        topic=letter.topic,
        source_partition=letter.source_partition,
        source_offset=letter.source_offset,
        reason=letter.reason,
        size=letter.size,
        key=None if letter.key is None else letter.key.decode(errors="replace")[:PREVIEW_CHARACTERS],
        preview=text[:PREVIEW_CHARACTERS],
        is_cut=len(text) > PREVIEW_CHARACTERS or "value" in letter.cut,
        task_id=task_id if task_id is not None and re.fullmatch(TASK_ID_PATTERN, task_id) else None,
        run_id=_text(told.get("run_id")),
        redrive=way.how,
        obstacle=way.obstacle,
    )


def _run(value: bytes) -> Run | None:
    try:
        return decode_run(value)
    except (msgspec.DecodeError, RecursionError):
        return None


def _told(value: bytes) -> dict[str, Any]:
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
