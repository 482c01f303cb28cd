"""Identifiers: of tasks (chosen by the client or new_task_id) and of runs (a hash that no repeat can change)."""

from hashlib import blake2b
from re import fullmatch
from string import ascii_letters, digits
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

TASK_ID_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
RUN_ID_PATTERN: Final = r"^[0-9a-f]{32}$"
MAX_TASK_ID: Final = 128
_ALLOWED: Final = frozenset(ascii_letters + digits + "._-")


def is_task_id(text: str) -> bool:
    """Whether a task may have this id."""
    return fullmatch(TASK_ID_PATTERN, text) is not None


def _task_id(text: str) -> str:
    if is_task_id(text):
        return text
    wrong = next(((at, one) for at, one in enumerate(text) if one not in _ALLOWED), None)
    what = f"has {wrong[1]!r} at position {wrong[0]}" if wrong else f"is {text[:20]!r}, of {len(text)} characters"
    raise ValueError(f"{what}; a task id has 1 to {MAX_TASK_ID} of A-Z a-z 0-9 . _ - and begins with a letter or digit")


TaskId = Annotated[str, AfterValidator(_task_id), Field(json_schema_extra={"pattern": TASK_ID_PATTERN})]
Kind = Literal["scheduled", "manual", "backfill", "chained", "alert"]

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_task_id(now_ms: int, entropy: int) -> str:
    """A sortable id of 26 characters (the ULID layout): 48 bits of milliseconds, then 80 bits of entropy."""
    value = (now_ms << 80) | (entropy & ((1 << 80) - 1))
    return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))


def run_id(task_id: str, generation: int, kind: Kind, nominal_second: int, event_id: str = "") -> str:
    """The 128-bit id of a run, in hexadecimal.

    The task's version is not part of it, so an edit at the boundary cannot fire an occurrence twice; `event_id`
    distinguishes manual, backfilled and chained runs of the same second. (Of a chained one it is the nominal second of
    the run before it, so that the same end can only start the same run.)
    """
    text = f"{task_id}\n{generation}\n{kind}\n{nominal_second}\n{event_id}"
    return blake2b(text.encode(), digest_size=16).hexdigest()
