"""PURE. One JSON value, as strictly as the API reads bodies: no repeated names, no NaN, no half characters."""

import json
import re
from collections import Counter
from typing import Any, Final, cast

_SURROGATE: Final = re.compile(r"\\[uU][dD][89a-fA-F]")


def json_value(text: str) -> Any:
    """The value. Raises ValueError with what is wrong, in words."""
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refused, parse_float=_finite)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} of it, column {error.colno}" if error.lineno > 1 else f"column {error.colno}"
        raise ValueError(f"is no JSON: {error.msg[:1].lower()}{error.msg[1:]} at {where}") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if _SURROGATE.search(text):
        _refuse_half_characters(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"has {twice[:60]!r} more than once in one object: remove one")
    return found


def _refused(constant: str) -> Any:
    raise ValueError(f"holds {constant}, which is no JSON")


def _finite(text: str) -> float:
    if (number := float(text)) in (float("inf"), float("-inf")):
        raise ValueError(f"holds the number {text[:30]}, which is out of range")
    return number


def _refuse_half_characters(value: Any) -> None:
    """A surrogate without its other half is no character, and nothing can store it."""
    waiting = [value]
    while waiting:
        match one := waiting.pop():
            case str():
                if any("\ud800" <= character <= "\udfff" for character in one):
                    raise ValueError("holds half a character (a lone surrogate such as \\ud800): remove it")
            case dict():
                found = cast("dict[str, Any]", one)
                waiting += [*found, *found.values()]
            case list():
                waiting += cast("list[Any]", one)
            case _:
                pass
