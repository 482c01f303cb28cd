"""What is meant by a name that is no time zone: another spelling, an offset, an abbreviation, Windows' name, a city.

Never a name that is only alike: a city is told to follow the clock of another one only where that is known.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, TypeVar

import tzdata
from tzlocal.windows_tz import win_tz

from tasker_core.errors import MendableValue
from tasker_core.time.cities import CITIES
from tasker_core.time.zone_names import current_names, zone_names, zone_rules, zones_by_country

V = TypeVar("V")
_ANY: Final = "give an IANA name such as 'Europe/Berlin' or 'UTC'"
_OFFSET: Final = re.compile(
    r"(?:GMT|UTC|UT|Etc/GMT|Etc/UTC)?\s*([+\u2212\u2013-])\s*(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE
)
_POSIX: Final = re.compile(
    r"(?:[A-Z]{3,5}|<[^>]+>)([+-]?)(\d{1,2})(?::(\d\d))?(?:(?:[A-Z]{3,5}|<[^>]+>)[\d:+-]*(?:,.*)?)?"
)
_ETC: Final = re.compile(r"Etc/GMT([+-][1-9]\d?)")
_YEAR: Final = int(tzdata.IANA_VERSION[:4]) + 1  # when every change that was known at the release has come
_JANUARY, _JULY = datetime(_YEAR, 1, 15, tzinfo=UTC), datetime(_YEAR, 7, 15, tzinfo=UTC)
_ALL_YEAR: Final = tuple(datetime(_YEAR, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(0, 365, 10))
_LISTED: Final = 4
_MAX_HOURS: Final = 14
_MIN_CITY: Final = 5
_ALIKE: Final = 0.94


def unknown_zone(name: str) -> ValueError:
    """The error for a name that is no zone: with what it is, and the way out; a MendableValue where that is certain."""
    said = f"unknown time zone {name[:64]!r}"
    name = name.strip()[:64]
    if found := _by_case().get(name.casefold()):
        return _certain(f"{said}; did you mean {found!r}?", found)
    if name.upper() == "Z":
        return _certain(f"{said}; did you mean 'UTC'?", "UTC")
    if offset := _OFFSET.fullmatch(name):
        return _fixed_offset(said, name, _seconds(*offset.groups()))
    if found := _spelled_otherwise(name):
        return _certain(f"{said}; did you mean {found!r}?", found)
    if found := _current(_by_fold(win_tz).get(_folded(name))):
        return _certain(f"{said}: it is Windows' name; did you mean {found!r}?", found)
    if zones := _abbreviated(name.upper()):
        return ValueError(
            f"{said}: an abbreviation, which may stand for several zones; name one such as {_some(zones)}"
        )
    if posix := _POSIX.fullmatch(name.upper()):
        return _posix(said, _seconds("-" if posix[1] != "-" else "+", posix[2], posix[3]))
    return _place(said, name)


def _place(said: str, name: str) -> ValueError:
    """A city or a country, whatever stands before it."""
    last = _folded(name.replace("\\", "/").rpartition("/")[2])
    if zones := _by_city().get(last):
        if len(zones) == 1:
            return _certain(f"{said}; did you mean {zones[0]!r}?", zones[0])
        return ValueError(f"{said}; did you mean {_some(zones)}?")
    if zone := _by_fold(CITIES).get(last):
        return _certain(f"{said}: the city has none of its own and follows the clock of {zone!r}", zone)
    if zones := _by_fold(zones_by_country()).get(last):
        if len(zones) == 1:
            return _certain(f"{said}: a country; did you mean {zones[0]!r}?", zones[0])
        return ValueError(f"{said}: a country with several zones; name one such as {_some(zones)}")
    if found := _misspelled(name):
        return ValueError(f"{said}; did you mean {found!r}?")
    return ValueError(f"{said}; {_ANY}")


def _fixed_offset(said: str, name: str, seconds: int | None) -> ValueError:
    if seconds is None or abs(seconds) > _MAX_HOURS * 3600:
        return ValueError(f"{said}: no clock is that far from UTC; {_ANY}")
    if seconds == 0:
        return _certain(f"{said}; did you mean 'UTC'?", "UTC")
    return ValueError(f"{said}: a fixed offset, {_at(seconds)}, and no zone. {_zones_at(seconds)}{_sign_trap(seconds)}")


def _posix(said: str, seconds: int | None) -> ValueError:
    if seconds is None or abs(seconds) > _MAX_HOURS * 3600:
        return ValueError(f"{said}; {_ANY}")
    return ValueError(
        f"{said}: rules as POSIX writes them, here with {_at(seconds)} as standard time. {_zones_at(seconds)}"
    )


def _zones_at(seconds: int) -> str:
    """Well-known zones with the offset, in the rules of the year after the release of the tz database."""
    having = {
        at: {zone for zone in _well_known() if _offset(zone, at) == seconds} for at in (*_ALL_YEAR, _JANUARY, _JULY)
    }
    always = set[str].intersection(*having.values())
    parts = [
        (when, [zone for zone in _well_known() if zone in zones])
        for when, zones in (
            ("all year", always),
            ("in January", having[_JANUARY] - having[_JULY]),
            ("in July", having[_JULY] - having[_JANUARY]),
        )
    ]
    found = [f"{when} in {_some(zones)}" for when, zones in parts if zones]
    return f"That is the time {'; '.join(found)}" if found else f"No zone has it in {_YEAR}; {_ANY}"


def _sign_trap(seconds: int) -> str:
    """The zones of the tz database's area Etc have POSIX's sign."""
    hours, rest = divmod(seconds, 3600)
    same, opposite = f"Etc/GMT{-hours:+d}", f"Etc/GMT{hours:+d}"
    if rest or not {same, opposite} <= zone_names():
        return ""
    turned = f"there the sign is turned round, and {opposite!r} is {_at(-seconds)}"
    return f". Without any clock change it is {same!r}: {turned}"


def turned_sign(name: str) -> str | None:
    """What a zone of the area Etc is, if its sign is the other way round than people write it; None for others."""
    match = _ETC.fullmatch(name)
    return f"{name} is {_at(-int(match[1]) * 3600)}: the names of Etc have the sign turned round" if match else None


def _spelled_otherwise(name: str) -> str | None:
    """The zone whose name differs in case, blanks, accents or kind of slash only."""
    folded = "/".join(_folded(part) for part in name.replace("\\", "/").split("/"))
    return _current(_by_spelling().get(folded))


def _misspelled(name: str) -> str | None:
    """The zone of the same area that differs by a letter too much or too few: asked for only, never certain."""
    area, slash, city = name.rpartition("/")
    if not slash or len(city) < _MIN_CITY:
        return None
    close = get_close_matches(name, (z for z in zone_names() if z.startswith(f"{area}/")), 1, _ALIKE)
    return _current(close[0] if close else None)


def _current(name: str | None) -> str | None:
    return None if name is None else current_names().get(name, name) if "/" in name else name


@lru_cache(maxsize=1)
def _by_case() -> dict[str, str]:
    return {name.casefold(): name for name in zone_names()}


@lru_cache(maxsize=1)
def _by_spelling() -> dict[str, str]:
    names = [name for name in sorted(zone_names(), reverse=True) if "GMT" not in name]  # there, signs count
    return {"/".join(_folded(part) for part in name.split("/")): name for name in names}


@lru_cache(maxsize=1)
def _by_city() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name in sorted(zone_names()):
        area, slash, city = name.rpartition("/")
        if slash and area != "Etc":
            found.setdefault(_folded(city), []).append(current_names().get(name, name))
    return {city: tuple(dict.fromkeys(zones)) for city, zones in found.items()}


@lru_cache(maxsize=64)
def _abbreviated(name: str) -> tuple[str, ...]:
    """The well-known zones that call their time so."""
    found = (z for z in _well_known() if name in {at.astimezone(zone_rules(z)).tzname() for at in (_JANUARY, _JULY)})
    return tuple(found) if name.isalpha() else ()


@lru_cache(maxsize=1)
def _well_known() -> tuple[str, ...]:
    """The zone that stands for each of Windows' ones: as many as there are clocks that differ."""
    names = (current_names().get(name, name) for name in win_tz.values())
    return tuple(dict.fromkeys(name for name in names if not name.startswith("Etc/") and "/" in name))


@lru_cache(maxsize=8192)
def _offset(name: str, at: datetime) -> float:
    offset = at.astimezone(zone_rules(name)).utcoffset()
    assert offset is not None, "every zone of the tz database has an offset"
    return offset.total_seconds()


def _by_fold(names: Mapping[str, V]) -> dict[str, V]:
    return {_folded(name): value for name, value in names.items()}


def _folded(name: str) -> str:
    """Letters and digits alone, without case and accents; signs of offsets stay."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in plain if c.isalnum() or c == "+")


def _seconds(sign: str, hours: str, minutes: str | None) -> int | None:
    found = int(hours) * 3600 + int(minutes or 0) * 60
    return found if sign == "+" else -found


def _at(seconds: int) -> str:
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"UTC{'-' if seconds < 0 else '+'}{hours:02}:{minutes:02}"


def _certain(message: str, zone: str) -> MendableValue:
    return MendableValue(message, {"timezone": zone})


def _some(zones: Iterable[str]) -> str:
    return ", ".join(list(zones)[:_LISTED])
