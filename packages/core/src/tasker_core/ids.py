"""Identifiers: of tasks (chosen by the client or new_task_id) and of runs (a hash that no repeat can change)."""

from hashlib import blake2b
from typing import Annotated, Literal

from pydantic import StringConstraints

TASK_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
TaskId = Annotated[str, StringConstraints(pattern=TASK_ID_PATTERN)]
Kind = Literal["scheduled", "manual", "backfill", "chained"]

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
