"""PURE. What a plain YAML word means: as in YAML 1.2's core schema (section 10.3.2).

So a date, a time of day, `yes` and `no` stay texts, and `010` is ten.
"""

import re
from typing import Final

_NULL: Final = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE: Final = re.compile(r"[-+]?[0-9]+")
_IN_BASE: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_MAX_DIGITS: Final = 4_300
"""As in JSON: longer ones take Python seconds."""


def plain_value(text: str) -> str | int | float | bool | None:
    """The value of a word without quotes and without a tag. Raises ValueError for numbers that JSON has not."""
    if text in _NULL:
        return None
    if (truth := _BOOLEANS.get(text)) is not None:
        return truth
    if text[0] not in "-+.0123456789":
        return text
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"holds {text}, which no task can have: put it in quotes, or give a number")
    is_whole, is_decimal = _WHOLE.fullmatch(text), _DECIMAL.fullmatch(text)
    if (is_whole or is_decimal or _IN_BASE.fullmatch(text)) and len(text) > _MAX_DIGITS:
        raise ValueError(f"holds a number of {len(text):,} characters; put it in quotes if it is a text")
    if is_whole:
        return int(text)
    if _IN_BASE.fullmatch(text):
        return int(text, 0)
    if not is_decimal:
        return text
    if (number := float(text)) in (float("inf"), float("-inf")):
        raise ValueError(f"holds the number {text[:30]}, which is out of range")
    return number
