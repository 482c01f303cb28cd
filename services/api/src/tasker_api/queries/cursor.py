"""PURE. Opaque keyset cursors: where a page ended, bound to its order."""

import base64
import json
from datetime import UTC, datetime
from typing import Any, Final, cast

from tasker_core.errors import FieldError, InvalidInput

_MAX_INT: Final = 2**63
"""MongoDB has no greater ones."""


def encode_cursor(order: str, *keys: Any) -> str:
    """The cursor behind an item with these sort keys (texts, numbers, None, aware datetimes)."""
    plain = [{"t": k.isoformat()} if isinstance(k, datetime) else k for k in keys]
    return base64.urlsafe_b64encode(json.dumps([order, *plain], separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(order: str, cursor: str, count: int) -> list[Any]:
    """The `count` sort keys of a cursor. Raises InvalidInput when it was not made by a list in this order."""
    try:
        found: list[Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if found[0] != order or len(found) != count + 1:
            raise ValueError(order)
        return [_key(value) for value in found[1:]]
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError):
        raise invalid_cursor() from None


def invalid_cursor() -> InvalidInput:
    """The error for what is no cursor of the list."""
    message = "not a cursor of this list in this order; leave it out to begin at the first page"
    return InvalidInput([FieldError(pointer="/query/cursor", message=message)])


def _key(value: Any) -> str | int | float | datetime | None:
    """A sort key; nothing that a query could take for an operator, or that no document can hold."""
    if isinstance(value, dict):
        text: Any = cast("dict[str, Any]", value)["t"]
        return datetime.fromisoformat(text).astimezone(UTC)
    if isinstance(value, str):
        value.encode()
    if isinstance(value, int) and abs(value) >= _MAX_INT:
        raise ValueError(value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(value)
