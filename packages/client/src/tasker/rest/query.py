"""PURE. Parameters of a query, as the REST API wants them: what is not given is left out, several of one repeated."""

from collections.abc import Iterable, Mapping
from datetime import datetime

Parameters = list[tuple[str, str | int | float | bool | None]]
Value = str | int | bool | datetime | Iterable[str] | None


def query(given: Mapping[str, Value]) -> Parameters:
    """Names and values for the URL. A name with `_` behind it (`from_`) stands for the one without."""
    return [(name.removesuffix("_"), value) for name, values in given.items() for value in _texts(values)]


def instant_text(value: datetime | str) -> str:
    """An instant as the API takes it. Raises ValueError for a datetime without its offset."""
    if isinstance(value, str):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value} has no offset from UTC: give an aware datetime")
    return value.isoformat()


def _texts(value: Value) -> list[str | int]:
    if value is None:
        return []
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, datetime):
        return [instant_text(value)]
    return [value] if isinstance(value, str | int) else list(value)
