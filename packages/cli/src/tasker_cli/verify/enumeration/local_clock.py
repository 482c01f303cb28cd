"""PURE. What a zone's clock shows, read minute by minute."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Gap = Literal["shift", "skip"]
Fold = Literal["first", "last", "both"]
_MINUTE = timedelta(minutes=1)
_A_DAY_AND_MORE = 26 * 3600


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The rules of a zone, from the package `tzdata` and not from the host. Raises OSError where there is none."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


class Jump(NamedTuple):
    """The clock goes forward: the first local minute that is skipped, the first one that is shown again, and when."""

    opened: datetime
    closed: datetime
    instant: int

    @property
    def skipped(self) -> list[datetime]:
        """The local minutes that are not shown."""
        return [self.opened + i * _MINUTE for i in range((self.closed - self.opened) // _MINUTE)]


class Readings(NamedTuple):
    """All that a clock shows from `begin` up to, without, `end`: local minute → the instants at which it is shown."""

    instants: dict[datetime, list[int]]
    jumps: list[Jump]


def read(name: str, instant: int) -> datetime:
    """What the clock of a zone shows at an instant."""
    return datetime.fromtimestamp(instant, zone(name)).replace(tzinfo=None)


@lru_cache(maxsize=128)
def readings(name: str, begin: int, end: int) -> Readings:
    """Read the clock at every minute."""
    found: dict[datetime, list[int]] = {}
    jumps: list[Jump] = []
    expected = None
    for instant in range(begin, end, 60):
        local = read(name, instant)
        found.setdefault(local, []).append(instant)
        if expected and local > expected:
            jumps.append(Jump(expected, local, instant))
        expected = local + _MINUTE
    return Readings(found, jumps)


@lru_cache(maxsize=65_536)
def fires_at(name: str, local: datetime, gap: Gap, fold: Fold) -> tuple[int, ...]:
    """The instants at which what is fixed to one local time fires."""
    wall = int(local.replace(tzinfo=UTC).timestamp())
    candidates = {wall - _offset(name, wall + about) for about in (-_A_DAY_AND_MORE, _A_DAY_AND_MORE)}
    shown = sorted(at for at in candidates if read(name, at) == local)
    if shown:
        return tuple({"first": shown[:1], "last": shown[-1:], "both": shown}[fold])
    if gap == "skip":
        return ()
    # A gap: the first instant at which the clock shows something later.
    begin = min(candidates) - min(candidates) % 60
    return (
        next(at for at in range(begin - _A_DAY_AND_MORE, begin + 2 * _A_DAY_AND_MORE, 60) if read(name, at) > local),
    )


@lru_cache(maxsize=16_384)
def offset_of_day(name: str, wall: int) -> int | None:
    """Seconds east of UTC all through the day that begins at `wall`, local time counted as if it were UTC's.

    None where the clock changes on that day, or within a day of it. (No zone has two changes within three days.)
    """
    offset = _offset(name, wall - _A_DAY_AND_MORE)
    return offset if _offset(name, wall + 2 * _A_DAY_AND_MORE) == offset else None


def _offset(name: str, instant: int) -> int:
    return int(read(name, instant).replace(tzinfo=UTC).timestamp()) - instant
