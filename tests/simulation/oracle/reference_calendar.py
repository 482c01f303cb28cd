"""The oracle's own idea of schedules: second by second over the few minutes of a simulation, and in its own words.

It knows no more than the simulated users use: intervals, instants, and expressions that restrict seconds only.
"""

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from tests.simulation.cluster.broker import EPOCH_MS

BEGIN = EPOCH_MS // 1000 - 180
END = EPOCH_MS // 1000 + 360
FAR = 1 << 60


@lru_cache(maxsize=65_536)
def second(text: str) -> int:
    """Epoch seconds of an instant in UTC."""
    return int(datetime.fromisoformat(text).timestamp())


def ms(text: str) -> int:
    """Epoch milliseconds of an instant in UTC."""
    return second(text) * 1000 + int(text[20:23])


@lru_cache(maxsize=1024)
def duration(text: str) -> int:
    """Seconds of the durations that are used: PT…S and PT…M."""
    return int(text[2:-1]) * (60 if text.endswith("M") else 1)


@lru_cache(maxsize=1024)
def _seconds(expression: str) -> frozenset[int]:
    """The seconds of a minute that an expression takes."""
    field, *rest = expression.split(" ")
    assert rest == ["*"] * 5, expression
    if field.startswith("*"):
        return frozenset(range(0, 60, int(field[2:] or 1)))
    found: set[int] = set()
    for part in field.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return frozenset(found)


def spread(task_id: str, window: int) -> int:
    """A task's place in its window: BLAKE2b-64 of the id modulo the window's length plus one."""
    return int.from_bytes(hashlib.blake2b(task_id.encode(), digest_size=8).digest()) % (window + 1)


class ReferenceCalendar:
    """All occurrences of one schedule of one task between BEGIN and END, as (nominal, effective)."""

    def __init__(self, schedule: dict[str, Any], task_id: str) -> None:
        nominal = _nominal(schedule)
        offset = spread(task_id, duration(schedule["spread"])) if "spread" in schedule else 0
        following = [*nominal[1:], FAR]
        self.occurrences = [(at, min(at + offset, after - 1)) for at, after in zip(nominal, following, strict=False)]
        self.effective = dict(self.occurrences)
        self.max_runs: int | None = schedule.get("max_runs")
        self.once = "at" in schedule
        self.offset = offset


def _nominal(schedule: dict[str, Any]) -> list[int]:
    if "at" in schedule:
        return [second(schedule["at"])]
    first = second(schedule["start"]) if "start" in schedule else BEGIN
    last = second(schedule["end"]) if "end" in schedule else END
    window = range(max(first, BEGIN), min(last, END) + 1)
    if "every" in schedule:
        step, anchor = duration(schedule["every"]), second(schedule["anchor"])
        found = [at for at in window if at >= anchor and (at - anchor) % step == 0]
    else:
        seconds = _seconds(schedule["cron"])
        found = [at for at in window if at % 60 in seconds]
    for entry in schedule.get("exclude", ()):
        if " " in entry:
            out = _seconds(entry)
            found = [at for at in found if at % 60 not in out]
        else:  # the day of the simulation
            found = []
    return found


@lru_cache(maxsize=4096)
def _calendar(text: bytes, task_id: str) -> ReferenceCalendar:
    return ReferenceCalendar(msgspec.json.decode(text), task_id)


def calendar_of(schedule: dict[str, Any], task_id: str) -> ReferenceCalendar:
    """The calendar of a schedule, made once."""
    return _calendar(msgspec.json.encode(schedule), task_id)
