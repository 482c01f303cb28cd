"""PURE. The names that templates may use, and their values in a run."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Final

from pydantic import JsonValue

from tasker_core.chains.links import Predecessor
from tasker_core.handlers.parameters.templates.template import Path, member
from tasker_core.messages.runs import Run
from tasker_core.time.instant import parse_ms
from tasker_core.time.zones import DAY, offset_at, utc, zone

_INSTANTS: Final = ("nominal_at", "effective_at")
_AFTER: Final = ("task_id", "run_id", "nominal_at", "outcome")
_OF_RUNS: Final = ("run_id", "task_id", "attempt")
ROOTS: Final = (*_INSTANTS, *_OF_RUNS, "callback_url", "payload", "after")

_PATTERNS: Final = {
    "date": "%Y-%m-%d",
    "yesterday": "%Y-%m-%d",
    "time": "%H:%M:%S",
    "year": "%Y",
    "month": "%m",
    "day": "%d",
    "hour": "%H",
    "minute": "%M",
    "second": "%S",
}
FORMATS: Final = (*_PATTERNS, "epoch", "epoch_ms")
"""How an instant may be written besides RFC 3339 in UTC: at the clock of a zone, or as a number."""


def check_name(path: Path) -> None:
    """Raises ValueError when no run can have a value of this name: what is known when a task is saved."""
    root, rest = path[0], path[1:]
    if root not in ROOTS:
        raise ValueError(f"unknown name {root!r}; {_choices(root, ROOTS)}")
    if root in _INSTANTS:
        _check_format(root, rest)
    elif root == "after":
        if not rest or rest[0] not in _AFTER:
            raise ValueError(f"after has no field of this name; {_choices(rest[0] if rest else '', _AFTER)}")
        if rest[0] == "nominal_at":
            _check_format("after.nominal_at", rest[1:])
        elif len(rest) > 1:
            raise ValueError(f"after.{rest[0]} has no fields; write {{{{ after.{rest[0]} }}}}")
    elif root == "payload":
        if not rest:
            raise ValueError("name a field of the payload's data, such as {{ payload.customer }}")
    elif rest:
        raise ValueError(f"{root} has no fields; write {{{{ {root} }}}}")


def run_variables(
    run: Run, data: dict[str, JsonValue], timezone: str, more: Mapping[str, JsonValue] | None = None
) -> Callable[[Path], JsonValue]:
    """The values of a run by name.

    `data` are the payload's fields, `timezone` is the clock at which instants are written, and `more` the names that
    this run has besides: `callback_url`. The function raises ValueError, with the way out.
    """
    return partial(_value, run, data, timezone, more or {})


def _value(run: Run, data: dict[str, JsonValue], timezone: str, more: Mapping[str, JsonValue], path: Path) -> JsonValue:
    check_name(path)
    root, rest = path[0], path[1:]
    if root in _INSTANTS:
        return _instant(getattr(run, root), rest, timezone)
    if root == "payload":
        return _field(data, rest)
    if root == "after":
        return _predecessor(run.after, rest, timezone)
    if root in _OF_RUNS:
        return getattr(run, root)
    if root not in more:
        raise ValueError("this call has none: give the payload a callback")
    return more[root]


def _field(data: dict[str, JsonValue], path: Path) -> JsonValue:
    try:
        return member(data, path)
    except ValueError as error:
        raise ValueError(f"{error} in the payload's data; give it there, or in the payload of the trigger") from None


def _predecessor(after: Predecessor | None, path: Path, timezone: str) -> JsonValue:
    """A field of what the run was started after; null for a run that was started by something else."""
    if after is None:
        return None
    return _instant(after.nominal_at, path[1:], timezone) if path[0] == "nominal_at" else getattr(after, path[0])


def _check_format(name: str, rest: Path) -> None:
    if len(rest) > 1 or (rest and rest[0] not in FORMATS):
        raise ValueError(f"{name} can't be written like this; {_choices(rest[0], FORMATS)}")


def _instant(text: str, form: Path, timezone: str) -> JsonValue:
    if not form:
        return text
    ms, name = parse_ms(text), form[0]
    if name not in _PATTERNS:
        return ms if name == "epoch_ms" else ms // 1000
    wall_second = ms // 1000 + offset_at(zone(timezone), ms // 1000)
    return utc(wall_second - DAY if name == "yesterday" else wall_second).strftime(_PATTERNS[name])


def _choices(given: str, names: tuple[str, ...]) -> str:
    close = get_close_matches(given, names, 1)
    return f"did you mean {close[0]}?" if close else f"choose one of {', '.join(names)}"
