"""Errors that the sender can correct: a JSON pointer and a message with the way out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue
from pydantic_core import ErrorDetails


def _is_none(value: object) -> bool:
    return value is None


MENDED: Final = "mended"
"""In the context of pydantic's error details: the object that holds the wrong field, as it is meant."""


class TaskerError(Exception):
    """Base of all errors that Tasker raises on purpose."""


class Suggestion(BaseModel):
    """What is certainly meant: the value to put at `pointer`, an RFC 6901 JSON pointer into what was sent."""

    model_config = ConfigDict(frozen=True)

    pointer: str
    value: JsonValue


class FieldError(BaseModel):
    """One thing wrong with one field. `pointer` is an RFC 6901 JSON pointer into what was sent.

    `suggestion` is there where one meaning is certain; with it applied, the object that it replaces is valid.
    """

    model_config = ConfigDict(frozen=True)

    pointer: str
    message: str
    suggestion: Annotated[Suggestion | None, Field(exclude_if=_is_none)] = None


class MendableValue(ValueError):
    """A wrong value of which one meaning is certain.

    `mended` are fields of the object that holds it: what each is to be, None where it is to be left out.
    """

    def __init__(self, message: str, mended: Mapping[str, JsonValue]) -> None:
        super().__init__(message)
        self.mended = dict(mended)


MAX_ERRORS: Final = 50
_MAX_MESSAGE: Final = 2_000
_MAX_POINTER: Final = 500


def bounded(errors: Sequence[FieldError]) -> list[FieldError]:
    """So much of the errors that the answer fits one record, however much is wrong, and how many others there are."""
    told = [_cut(error) for error in errors[:MAX_ERRORS]]
    if left_out := len(errors) - len(told):
        told.append(FieldError(pointer="", message=f"and {left_out:,} more errors"))
    return told


def _cut(error: FieldError) -> FieldError:
    if len(error.pointer) <= _MAX_POINTER and len(error.message) <= _MAX_MESSAGE:
        return error
    pointer, message = (
        text if len(text) <= limit else f"{text[: limit - 1]}…"
        for text, limit in ((error.pointer, _MAX_POINTER), (error.message, _MAX_MESSAGE))
    )
    return FieldError(pointer=pointer, message=message, suggestion=error.suggestion)


def at_most(entries: int) -> BeforeValidator:
    """A list with more entries is refused as it is: to look at each of a million wrong ones would take seconds."""

    def check(value: Any) -> Any:
        if isinstance(value, list | tuple) and (count := len(cast("Sequence[Any]", value))) > entries:
            raise ValueError(f"has {count:,} entries; at most {entries:,} are taken")
        return cast("Any", value)

    return BeforeValidator(check)


def in_words(pattern: str, words: str) -> BeforeValidator:
    """What is wrong with a text that a pattern refuses, in words instead of the pattern."""
    matches = re.compile(pattern).search

    def check(value: Any) -> Any:
        if isinstance(value, str) and matches(value) is None:
            raise ValueError(words)
        return value

    return BeforeValidator(check)


class InvalidInput(TaskerError):
    """The input breaks the contract; `errors` gives the place of each (at most 50), and the way out."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = bounded(errors)
        super().__init__("; ".join(f"{e.pointer or '(whole)'}: {e.message}" for e in self.errors))


def pointer(parts: Iterable[str | int]) -> str:
    """The JSON pointer of a path (RFC 6901: `~` and `/` are escaped)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def field_errors(details: Iterable[ErrorDetails]) -> list[FieldError]:
    """Turn pydantic's error details, with their context, into field errors."""
    listed = list(details)
    return [
        FieldError(pointer=pointer(_place(d)), message=_message(d), suggestion=_suggestion(d))
        for d in listed
        if not _follows(d, listed)
    ]


def _place(detail: ErrorDetails) -> tuple[int | str, ...]:
    """Where it is. A wrong name in an object lies at its own path, which pydantic calls `[key]`."""
    place = detail["loc"]
    return place[:-1] if len(place) > 1 and place[-1] == "[key]" else place


def _follows(detail: ErrorDetails, listed: Sequence[ErrorDetails]) -> bool:
    """Whether a list is called too short only because items of it are wrong."""
    path = detail["loc"]
    return detail["type"] == "too_short" and any(
        d["loc"][: len(path)] == path for d in listed if len(d["loc"]) > len(path)
    )


def _suggestion(detail: ErrorDetails) -> Suggestion | None:
    """The object that holds the field as it is meant, where the validator has put it beside the message."""
    context = detail.get("ctx", {})
    return Suggestion(pointer=pointer(detail["loc"][:-1]), value=context[MENDED]) if MENDED in context else None


def _message(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == "literal_error":
        return f"give {_as_json(context['expected'])}{_how_to_give_several(detail)}"
    if detail["type"] == "too_short":
        fewest = context["min_length"]
        return f"give at least {fewest} {'entry' if fewest == 1 else 'entries'}"
    if words := _IN_WORDS.get(detail["type"]):
        if _OUT_OF_RANGE in (reason := str(context.get("error", ""))):
            words = f"{reason.replace(_OUT_OF_RANGE, 'is not within')}: {words}"
        return words.format_map(context) + (_PLUS_IN_A_URL if _has_lost_its_plus(detail) else "")
    return detail["msg"].removeprefix("Value error, ")


def _has_lost_its_plus(detail: ErrorDetails) -> bool:
    """Whether it is an instant in a URL whose `+`, written as it is, means a space there."""
    return detail["loc"][:1] == ("query",) and _PLUS_LOST.fullmatch(str(detail["input"])) is not None


def _how_to_give_several(detail: ErrorDetails) -> str:
    """In words, where a parameter of a URL takes several values and they were joined into one."""
    match detail["loc"]:
        case ("query", name, int()) if "," in str(detail["input"]):
            return f"; of several give each on its own: {name}=…&{name}=…"
        case _:
            return ""


def _as_json(expected: str) -> str:
    return expected.lower() if expected in ("True", "False") else expected


_PLUS_LOST: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\S+ \d\d:?\d\d")
_PLUS_IN_A_URL: Final = "; in a URL + is a space: write it as %2B"
_OUT_OF_RANGE: Final = "is outside expected range of"
"""What the parser says of a month 13; whatever else it says of an instant is about its own way of reading."""
AN_INSTANT: Final = "give a date, a time and an offset from UTC, such as 2026-12-24T18:00:00Z"
_IN_WORDS: Final = {
    "extra_forbidden": "unknown field; remove it",
    "missing": "required",
    **dict.fromkeys(("tuple_type", "list_type"), "give a list"),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "give an object"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "give a whole number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "give true or false"),
    "timezone_aware": f"has no timezone: {AN_INSTANT}",
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"), AN_INSTANT
    ),
    "string_type": "give a text",
    "string_too_long": "give at most {max_length} characters",
    "too_long": "has {actual_length} entries; at most {max_length} are taken",
    "greater_than_equal": "give {ge} or more",
    "less_than_equal": "give {le} or less",
}
"""What pydantic says in words of Python, said in those of JSON."""
