"""`H`: a value by the task's name, so that tasks of the same schedule do not all run at once (Jenkins' rules).

`H` alone is one value of its field, `H(10-50)` one of a range, `H/15` every 15 from a first one below 15,
`H(10-50)/10` the same within a range. Days of the month are 1 to 28, which every month has, and weekdays 0 to 6.

A task has one number for each field, so that nothing follows from its minute for its hour. It is part of the contract:
the first 8 bytes of the BLAKE2b-64 hash of `<task id>/<name of the field>` in UTF-8, as a big-endian number. The value
is the lowest one plus the number modulo how many there are (with a step: modulo the step).
"""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from tasker_core.cron.field_values import DATE, FORMS, YEAR, CronField

_HASH: Final = re.compile(r"H(?:\(([0-9]{1,4})-([0-9]{1,4})\))?(?:/([0-9]{1,4}))?", re.IGNORECASE)
_ITEM: Final = re.compile(r"H(?![A-Z])", re.IGNORECASE)
_LAST_DATE: Final = 28


class _Choice(NamedTuple):
    low: int
    high: int
    step: int | None


@lru_cache(maxsize=4096)
def has_hash(expression: str) -> bool:
    """Whether a field of the expression is `H`, so that its times depend on the task."""
    return not expression.lstrip().startswith("@") and any(
        _ITEM.match(item) for text in expression.split() for item in text.split(",")
    )


def resolve_hashes(expression: str, task_id: str) -> str:
    """The expression with each `H` as it is for this task; one without `H` as it is.

    Raises ValueError naming the field, for an `H` that is not understood. The rest of the expression is not checked.
    """
    if not has_hash(expression):
        return expression
    texts = expression.split()
    fields = FORMS.get(len(texts))
    if fields is None:
        return expression  # the number of fields is wrong, and is told by who parses it
    return " ".join(
        ",".join(_resolved(field, item, task_id) for item in text.split(",")) if has_hash(text) else text
        for field, text in zip(fields, texts, strict=True)
    )


def hashed_fields(expression: str) -> Sequence[CronField]:
    """The fields that hold an `H`, in their order."""
    texts = expression.split()
    return [field for field, text in zip(FORMS.get(len(texts), ()), texts, strict=False) if has_hash(text)]


def _resolved(field: CronField, item: str, task_id: str) -> str:
    if not _ITEM.match(item):
        return item
    low, high, step = _choice(field, item)
    number = int.from_bytes(hashlib.blake2b(f"{task_id}/{field.name}".encode(), digest_size=8).digest())
    if step is None:
        return str(low + number % (high - low + 1))
    return f"{low + number % step}-{high}/{step}"


@lru_cache(maxsize=4096)
def _choice(field: CronField, item: str) -> _Choice:
    """What may be chosen. Raises ValueError."""
    if field is YEAR:
        raise ValueError("year: H would let the task run in a single year; give the years, or *")
    match = _HASH.fullmatch(item)
    if match is None:
        raise ValueError(f"{field.name}: {item!r} is not understood; use H, H(0-5), H/2 or H(0-5)/2")
    highest = _LAST_DATE if field is DATE else field.high
    low, high = int(match[1] or field.low), int(match[2] or highest)
    if not field.low <= low <= high <= highest:
        why = ", which every month has" if field is DATE else ""
        raise ValueError(
            f"{field.name}: {item!r} is out of range; H takes a range within {field.low} to {highest}{why}"
        )
    step = int(match[3]) if match[3] else None
    if step is not None and not 1 <= step <= high - low + 1:
        raise ValueError(f"{field.name}: the step {step} in {item!r} is not within 1 to {high - low + 1}")
    return _Choice(low, high, step)
