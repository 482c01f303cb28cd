"""Errors that the sender can correct: a JSON pointer and a message with the way out."""

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict
from pydantic_core import ErrorDetails


class TaskerError(Exception):
    """Base of all errors that Tasker raises on purpose."""


class FieldError(BaseModel):
    """One thing wrong with one field. `pointer` is an RFC 6901 JSON pointer into what was sent."""

    model_config = ConfigDict(frozen=True)

    pointer: str
    message: str


class InvalidInput(TaskerError):
    """The input breaks the contract; `errors` gives the place of each, and the way out."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{e.pointer or '(whole)'}: {e.message}" for e in errors))
        self.errors = list(errors)


def pointer(parts: Iterable[str | int]) -> str:
    """The JSON pointer of a path (RFC 6901: `~` and `/` are escaped)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def field_errors(details: Iterable[ErrorDetails]) -> list[FieldError]:
    """Turn pydantic's error details into field errors."""
    listed = list(details)
    return [FieldError(pointer=pointer(d["loc"]), message=_message(d)) for d in listed if not _follows(d, listed)]


def _follows(detail: ErrorDetails, listed: Sequence[ErrorDetails]) -> bool:
    """Whether a list is called too short only because items of it are wrong."""
    path = detail["loc"]
    return detail["type"] == "too_short" and any(d["loc"][:-1] == path for d in listed if len(d["loc"]) > len(path))


def _message(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "unknown field; remove it"
    if detail["type"] == "missing":
        return "required"
    return detail["msg"].removeprefix("Value error, ")
