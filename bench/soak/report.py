"""PURE. The table of a soak: each series with its growth, and what grows."""

from collections.abc import Mapping, Sequence
from typing import Final

from bench.soak.growth import FLOORS, LEAST_SAMPLES, UNITS, Growth, grows

HEADER: Final = ("series", "unit", "first", "last", "max", "growth/h", "%/h", "")


def table(found: Sequence[Growth], limit: float, caps: Mapping[str, float]) -> list[list[str]]:
    """A line for each series that was ever more than nothing."""
    return [list(HEADER), *(_row(one, limit, caps) for one in found if one.largest)]


def growing(found: Sequence[Growth], limit: float, caps: Mapping[str, float]) -> list[str]:
    """A sentence for each series that grows."""
    return [
        f"{one.name} grows by {one.per_hour:,.1f} {UNITS.get(one.kind, '')}".rstrip()
        + f" an hour, {one.relative:.0%} of itself ({one.first:,.1f} → {one.last:,.1f})"
        for one in found
        if grows(one, limit, caps)
    ]


def _row(one: Growth, limit: float, caps: Mapping[str, float]) -> list[str]:
    numbers = (one.first, one.last, one.largest, one.per_hour)
    relative = f"{one.relative * 100:+,.1f}" if one.kind in FLOORS else ""
    cells = [one.name, UNITS.get(one.kind, ""), *(f"{number:,.1f}" for number in numbers), relative]
    return [*cells, _word(one, limit, caps)]


def _word(one: Growth, limit: float, caps: Mapping[str, float]) -> str:
    if one.kind not in FLOORS:
        return ""
    if one.judged < LEAST_SAMPLES:
        return "too few"
    if grows(one, limit, caps):
        return "GROWS"
    return f"up to {caps[one.name]:,.0f}" if one.name in caps else "flat"
