"""Which query parameters a request may have: those that the OpenAPI document names for its route, and no others.

FastAPI passes over unknown parameters and takes the last of repeated ones, so that a misspelt or a second filter would
be answered as if it were not there. Here a parameter is unknown, or it is empty, or it is given more often than its
route takes it: each is an error that says the way out.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated, Any, Final

from fastapi import Request
from pydantic import AfterValidator, AwareDatetime

from tasker_core.errors import AN_INSTANT, FieldError, InvalidInput, in_words, pointer

MAX_ERRORS: Final = 20
MAX_NAME: Final = 64
"""So many characters of a name are told."""
_BEGIN_OF_AN_INSTANT: Final = r"^\d{4}-\d\d-\d\d[Tt ]"
"""What pydantic takes for an instant besides is a number: seconds, or milliseconds, since 1970."""
Parameters = Mapping[str, bool]
"""The names that a route takes, and whether it takes several values of each."""


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("is before the year 1 or after the year 9999 in UTC; give another one") from None


Bound = Annotated[AwareDatetime, AfterValidator(_in_utc), in_words(_BEGIN_OF_AN_INSTANT, AN_INSTANT)]
"""An instant that bounds what is asked for."""


def query_check(prefix: str) -> Callable[[Request], Awaitable[None]]:
    """A dependency of every route under a prefix. It raises InvalidInput."""

    async def check(request: Request) -> None:
        if given := request.query_params.multi_items():
            paths, path = request.app.openapi()["paths"], prefix + request.scope["route"].path_format
            if errors := query_errors(given, taken_by(paths[path][request.method.lower()])):
                raise InvalidInput(errors)

    return check


def taken_by(operation: Mapping[str, Any]) -> Parameters:
    """The query parameters of an operation of an OpenAPI document."""
    found = (one for one in operation.get("parameters", ()) if one["in"] == "query")
    return {one["name"]: _is_array(one["schema"]) for one in found}


def query_errors(given: Sequence[tuple[str, str]], taken: Parameters) -> list[FieldError]:
    """What is wrong with the parameters of a request, the first of it."""
    errors: list[FieldError] = []
    for name, times in Counter(name for name, _ in given).items():
        if name not in taken:
            errors.append(_error(name, _unknown(name, taken)))
        elif times > 1 and not taken[name]:
            errors.append(_error(name, f"given {times} times; it takes one value: give it once"))
        elif any(one == name and not value for one, value in given):
            errors.append(_error(name, "is empty; give a value, or leave the parameter out"))
        if len(errors) == MAX_ERRORS:
            break
    return errors


def _unknown(name: str, taken: Parameters) -> str:
    if not taken:
        return "unknown parameter; remove it: this route takes none"
    close = get_close_matches(name[:MAX_NAME].lower(), taken, n=1)
    known = f"did you mean `{close[0]}`?" if close else "remove it."
    return f"unknown parameter; {known} This route takes {', '.join(sorted(taken))}"


def _error(name: str, message: str) -> FieldError:
    return FieldError(pointer=pointer(("query", name[:MAX_NAME])), message=message)


def _is_array(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "array" or any(_is_array(one) for one in schema.get("anyOf", ()))
