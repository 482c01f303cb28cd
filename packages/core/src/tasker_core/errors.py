"""What went wrong, told so that the sender can mend it: a JSON pointer and a message with the way out."""

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
    """The input breaks the contract; `errors` says where and how to mend it."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{e.pointer or '(whole)'}: {e.message}" for e in errors))
        self.errors = list(errors)


def pointer(parts: Iterable[str | int]) -> str:
    """The JSON pointer of a path (RFC 6901: `~` and `/` are escaped)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def field_errors(details: Iterable[ErrorDetails]) -> list[FieldError]:
    """Turn pydantic's error details into field errors."""
    told = list(details)
    return [FieldError(pointer=pointer(d["loc"]), message=_message(d)) for d in told if not _follows(d, told)]


def _follows(detail: ErrorDetails, told: Sequence[ErrorDetails]) -> bool:
    """Whether a list is called too short only because items of it are wrong."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(d["loc"][:-1] == place for d in told if len(d["loc"]) > len(place))


def _message(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "unknown field; remove it"
    if detail["type"] == "missing":
        return "required"
    return detail["msg"].removeprefix("Value error, ")
