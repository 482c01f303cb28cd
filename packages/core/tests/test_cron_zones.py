"""Zones: names, and the assumptions about the tz database that the arithmetic rests on."""

from importlib.resources import files
from itertools import pairwise
from struct import Struct

import pytest

from tasker_core.time import zones
from tasker_core.time.zone_names import zone_names
from tasker_core.time.zones import (
    END_OF_TIME,
    first_instant,
    offset_at,
    stretch_at,
    zone,
)


def recorded_changes(name: str) -> list[tuple[int, int]]:
    """(instant, new offset) of a zone as its TZif file lists them (RFC 8536, version 2 data), from 1970 on."""
    data = files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    header = Struct(">4s c 15x 6l")
    *_, isut, isstd, leap, times, types, chars = header.unpack_from(data)
    body = header.size + times * 5 + types * 6 + chars + leap * 8 + isstd + isut
    *_, times, types, _ = header.unpack_from(data, body)
    body += header.size
    instants = Struct(f">{times}q").unpack_from(data, body)
    kinds = data[body + times * 8 : body + times * 9]
    offsets = [o for (o,) in (Struct(">l2x").unpack_from(data, body + times * 9 + 6 * i) for i in range(types))]
    shown = list(zip(instants, (offsets[kind] for kind in kinds), strict=True))
    return [b for a, b in pairwise(shown) if a[1] != b[1] and b[0] > 0]


@pytest.mark.parametrize("part", range(8))
def test_no_change_escapes_the_probing(part: int) -> None:
    for name in sorted(zone_names())[part::8]:
        changes = recorded_changes(name)
        assert all(b - a > zones._PROBE for (a, _), (b, _) in pairwise(changes)), name  # pyright: ignore[reportPrivateUsage]
        for instant, offset in changes[-1:]:
            stretch = stretch_at(zone(name), instant)
            assert (stretch.begin, stretch.offset) == (instant, offset), name


@pytest.mark.parametrize("name", ["UTC", "Europe/Dublin", "Africa/Casablanca", "Pacific/Apia", "America/Noronha"])
def test_stretches_tile_all_time(name: str) -> None:
    tz = zone(name)
    forward = [stretch_at(tz, 0)]
    while forward[-1].end < END_OF_TIME:
        forward.append(stretch_at(tz, forward[-1].end))
    assert forward == [stretch_at(tz, stretch.end - 1) for stretch in forward]
    assert forward[0].begin == 0
    assert forward[-1].end == END_OF_TIME
    assert all(a.end == b.begin for a, b in pairwise(forward))
    assert all(s.offset == offset_at(tz, s.begin) == offset_at(tz, s.end - 1) for s in forward)
    listed = [b.begin for a, b in pairwise(forward) if a.offset != b.offset]
    recorded = [at for at, _ in recorded_changes(name)]
    assert listed[: len(recorded)] == recorded


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Europe/Berln", "did you mean 'Europe/Berlin'"),
        ("europe/berlin", "did you mean 'Europe/Berlin'"),
        ("Berlin", "did you mean 'Europe/Berlin'"),
        ("new york", "did you mean 'America/New_York'"),
        ("utc", "did you mean 'UTC'"),
        ("Mars/Olympus", "such as 'Europe/Berlin'"),
        ("", "such as"),
        ("../../etc/passwd", "unknown time zone"),
        ("/etc/localtime", "unknown time zone"),
        ("Europe", "unknown time zone"),
        ("x" * 10_000, "unknown time zone"),
    ],
)
def test_names_that_are_none(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        zone(name)


def test_local_times_around_the_changes() -> None:
    berlin = zone("Europe/Berlin")
    spring, autumn = 1_774_746_000, 1_792_890_000  # 2026-03-29 and 2026-10-25, 01:00 UTC
    assert first_instant(berlin, spring + 3600) == (spring, "gap")  # 02:00
    assert first_instant(berlin, spring + 7199) == (spring, "gap")  # 02:59:59
    assert first_instant(berlin, spring + 7200) == (spring, "once")  # 03:00
    assert first_instant(berlin, autumn + 7199) == (autumn - 1, "fold")  # 02:59:59, the first one
    assert first_instant(berlin, autumn + 7200) == (autumn + 3600, "once")  # 03:00
