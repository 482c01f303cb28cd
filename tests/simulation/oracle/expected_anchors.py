"""From when intervals count: what a put leaves out is as it was before, or what it begins with."""

from typing import Any

from tasker_cli.verify.enumeration.local_clock import read
from tasker_cli.verify.enumeration.nominal_times import anchor_of, members, utc_text
from tests.simulation.oracle.reference_calendar import second

Written = dict[str, Any]
_DEFAULTS: Written = {"timezone": "UTC", "gap": "shift", "fold": "first", "month_end": "last"}


def with_anchors(schedule: Written, before: Written | None, at: int) -> Written:
    """The schedule of a put that takes effect at a second; `before` is what its task had."""
    former = _parts(before) if before else []
    start = schedule.get("start")
    if before is not None and start is None:
        former = [_counted(part) for part in former]
    elif before is not None and start != before.get("start"):
        former = []
    if "any" not in schedule:
        return _anchored(schedule, schedule, 0, former, at)
    parts = [
        _anchored(given, full, index, former, at)
        for index, (given, full) in enumerate(zip(schedule["any"], members(schedule), strict=True))
    ]
    return {**schedule, "any": parts}


def is_same(one: Written, other: Written) -> bool:
    """Whether two schedules are one, but for what is left to its default."""
    return _explicit(one) == _explicit(other)


def _explicit(written: Written) -> Written:
    """With what is meant where nothing is said."""
    members: list[Written] = written.get("any", [])
    default = {} if members else _DEFAULTS
    found = {name: value for name, value in (default | written).items() if value is not None and value != []}
    for name in ("anchor", "start", "end"):
        if "T" in (text := found.get(name) or ""):
            found[name] = second(text)
    return found | ({"any": [_explicit(member) for member in members]} if members else {})


def _parts(schedule: Written) -> list[Written]:
    return members(schedule) if "any" in schedule else [schedule]


def _counted(part: Written) -> Written:
    return {**part, "anchor": anchor_of(part)} if "every" in part and "start" in part else part


def _anchored(given: Written, full: Written, index: int, former: list[Written], at: int) -> Written:
    if "every" not in given or "anchor" in given:
        return given
    same_kind = [part for part in former if "every" in part and ("at" in part) == ("at" in given)]
    alike = [part for part in same_kind if _rhythm(part) == _rhythm(given)]
    in_place = [part for part in former[index : index + 1] if part in same_kind]
    if found := [*alike, *in_place]:
        return {**given, "anchor": found[0]["anchor"]} if "anchor" in found[0] else given
    if "start" in full:
        return given
    day = read(full.get("timezone", "UTC"), at).date().isoformat()
    return {**given, "anchor": day if "at" in given else utc_text(at)}


def _rhythm(part: Written) -> tuple[str, str | None]:
    return part["every"], part.get("at")
