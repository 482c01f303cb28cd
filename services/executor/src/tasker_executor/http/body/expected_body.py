"""PURE. Whether the body of an answer is what its task expects."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast

import msgspec

from tasker_core.handlers.parameters.body_conditions import BodyCondition
from tasker_core.handlers.text_pattern import matches

_SHOWN: Final = 200
_ABSENT: Final = object()


def unmet_conditions(
    conditions: Sequence[BodyCondition], text: str, *, cut: bool, hide: Callable[[str], str] = str
) -> Iterator[str | None]:
    """For each condition why it does not hold, with its place, or None when it holds: one at a time, so that others
    may go on between them.

    `cut`: only the beginning of the body is there. What can't be told from that does not hold. `hide` takes secrets
    out of what is shown of the body, before that is shortened, so that no beginning of one is left.
    """
    body = _Body(text, cut, hide)
    for index, condition in enumerate(conditions):
        reason = body.unmet(condition)
        yield None if reason is None else f"/payload/expect_body/{index}: {reason}"


class _Body:
    """The text, and as soon as a condition asks for it what it is as JSON."""

    def __init__(self, text: str, cut: bool, hide: Callable[[str], str]) -> None:
        self._text, self._cut, self._hide = text, cut, hide
        self._json: Any = _ABSENT

    def unmet(self, condition: BodyCondition) -> str | None:
        if condition.pointer is None:
            return _unmet_by_text(condition, self._text, "the body", cut=self._cut)
        if self._cut:
            return "the body is longer than what is read of it, so it can't be read as JSON; expect words of its text"
        if self._json is _ABSENT:
            try:
                self._json = msgspec.json.decode(self._text)
            except (msgspec.DecodeError, RecursionError):
                return f"the body is no JSON: {_shown(self._text, self._hide)}"
        place = f"{condition.pointer or 'the body'}"
        found = _found(self._json, condition.pointer)
        if condition.word == "exists":
            there = found is not _ABSENT
            return None if there is condition.exists else f"{place} is {'there' if there else 'not there'}"
        if found is _ABSENT:
            return f"there is no {place} in the body"
        if condition.word == "equals" and not _same(found, condition.equals):
            return f"{place} is {_shown(found, self._hide)}, not {_shown(condition.equals)}"
        if condition.one_of is not None and not any(_same(found, one) for one in condition.one_of):
            return f"{place} is {_shown(found, self._hide)}, none of {_shown(list(condition.one_of))}"
        text = found if isinstance(found, str) else msgspec.json.encode(found).decode()
        return _unmet_by_text(condition, text, place, cut=False)


def _unmet_by_text(condition: BodyCondition, text: str, place: str, *, cut: bool) -> str | None:
    """Why a condition of texts does not hold; None when it holds, or is one of values."""
    behind = "; it is longer than what is read of it" if cut else ""
    if condition.contains is not None and condition.contains not in text:
        return f"{place} does not contain {_shown(condition.contains)}{behind}"
    if condition.matches is not None and not matches(condition.matches, text):
        return f"{place} does not match {_shown(condition.matches)}{behind}"
    if condition.lacks is not None and condition.lacks in text:
        return f"{place} contains {_shown(condition.lacks)}"
    if condition.lacks is not None and cut:
        return f"{place} is longer than what is read of it: whether it contains {_shown(condition.lacks)} can't be told"
    return None


def _found(value: Any, pointer: str) -> Any:
    """What stands at a JSON pointer (RFC 6901); _ABSENT when nothing does."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = cast("dict[str, Any]", value)[name]
        elif isinstance(value, list) and _is_index(name) and int(name) < len(cast("list[Any]", value)):
            value = cast("list[Any]", value)[int(name)]
        else:
            return _ABSENT
    return value


def _is_index(name: str) -> bool:
    return name.isascii() and name.isdecimal() and (name == "0" or name[0] != "0") and len(name) < 10


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: 1 and 1.0 are one number, true is none."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        members, others = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
        return members.keys() == others.keys() and all(_same(value, others[name]) for name, value in members.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        elements, counterparts = cast("list[Any]", one), cast("list[Any]", other)
        return len(elements) == len(counterparts) and all(map(_same, elements, counterparts))
    return one == other


def _shown(value: Any, hide: Callable[[str], str] = str) -> str:
    text = hide(msgspec.json.encode(value).decode())
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
