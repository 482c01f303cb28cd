"""Schedules of every kind, at random: most of them due often, or just when a clock is changed or a month ends."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from tasker_cli.verify.enumeration.nominal_times import zones_of_members
from tasker_core.time.instant import rfc3339_second
from tasker_core.time.zones import zone
from tests.simulation.environment.random_calendars import RandomCalendars

Written = dict[str, Any]
_CRON: Final = (
    "* * * * * *", "*/2 * * * * *", "*/3 * * * * *", "*/5 * * * * *", "*/10 * * * * *", "*/20 * * * * *",
    "0,1,2,30 * * * * *", "10-15 * * * * *", "7,21,22,48 * * * * *", "*/10 * * ? * ?", "3,33 * * LW,L-3,15W,L * ? *",
)  # fmt: skip
_HASHED: Final = ("H * * * * *", "H/10 * * * * *", "H(0-29)/7 * * * * *", "H(20-40),50 * * * * *")
_OFTEN: Final = ("* * * * * *", "*/2 * * * * *", "*/3 * * * * *", "20-59 * * * * *")
_BY_A_CLOCK: Final = ("exclude", "exclude_calendars", "require_calendars")
_KINDS: Final = {"every": 5, "cron": 4, "hashed": 1, "fixed": 2, "at": 2, "calendar": 4, "any": 3, "manual": 1}
_MEMBERS: Final = {"every": 3, "cron": 3, "fixed": 1, "at": 3, "calendar": 2}


class RandomSchedules:
    """`zone`: the one whose clock is changed soon. `crowded`: most schedules are due in most seconds."""

    def __init__(self, chance: Random, zone: str, calendars: RandomCalendars, *, crowded: bool) -> None:
        self._chance, self._zone, self._calendars, self._crowded = chance, zone, calendars, crowded

    def make(self, now: int) -> Written:
        """A schedule; now and then with options."""
        chance = self._chance
        if self._crowded and chance.random() < 0.6:
            made: Written = {"every": "PT1S"} if chance.random() < 0.4 else {"cron": chance.choice(_OFTEN)}
        else:
            (kind,) = chance.choices(tuple(_KINDS), tuple(_KINDS.values()))
            made = self._any(now) if kind == "any" else self._one(kind, now)
        if "manual" in made:
            return made
        if self._recurs(made):
            made |= self._options(now) | self._calendars.options()
        if "any" in made and "timezone" not in made and len(zones_of_members(made)) > 1:
            made = {name: value for name, value in made.items() if name not in _BY_A_CLOCK}
        if chance.random() < 0.3:
            made["spread"] = f"PT{chance.randint(1, 9)}S"
        return made

    def _any(self, now: int) -> Written:
        chance = self._chance
        kinds = chance.choices(tuple(_MEMBERS), tuple(_MEMBERS.values()), k=chance.randint(1, 4))
        members = [self._one(kind, now) for kind in kinds]
        if chance.random() < 0.3:  # what several have is one occurrence
            members.append(chance.choice(members))
        return {"any": members} | ({"timezone": self._zone} if chance.random() < 0.5 else {})

    def _one(self, kind: str, now: int) -> Written:
        chance = self._chance
        match kind:
            case "manual":
                return {"manual": True}
            case "at":
                return {"at": rfc3339_second(now + chance.randint(-25, 35))}
            case "every":
                made: Written = {"every": f"PT{chance.choice((1, 2, 3, 5, 7, 10, 20))}S"}
                return made | (
                    {"anchor": rfc3339_second(now + chance.randint(-40, 10))} if chance.random() < 0.4 else {}
                )
            case "fixed":
                local = self._local(now)
                day = chance.choice(("* * *", "* * ?", f"{local.day} * ?"))
                made = {"cron": f"{local.second} {local.minute} {local.hour} {day}"}
                return made | self._clock()
            case "calendar":
                return self._calendar(now)
            case _:
                return {"cron": chance.choice(_HASHED if kind == "hashed" else _CRON)} | self._clock()

    def _calendar(self, now: int) -> Written:
        chance, local = self._chance, self._local(now)
        made: Written = {
            "every": chance.choice(("P1D", "P1D", "P2D", "P1W", "P1M", "P5M", "P1Y")),
            "timezone": self._zone,
        }
        made["at"] = f"{local:%H:%M:%S}"
        if chance.random() < 0.7:
            days = chance.choice((0, 0, 1, 2, 7, 28, 31, 59, 366))
            made["anchor"] = (local - timedelta(days=days)).date().isoformat()
        if chance.random() < 0.4:
            made["month_end"] = chance.choice(("last", "skip"))
        return made | self._options_of_fixed_times()

    def _clock(self) -> Written:
        return {"timezone": self._zone, **self._options_of_fixed_times()} if self._chance.random() < 0.7 else {}

    def _options_of_fixed_times(self) -> Written:
        chance = self._chance
        options = {"gap": chance.choice(("shift", "skip")), "fold": chance.choice(("first", "last", "both"))}
        return {name: value for name, value in options.items() if chance.random() < 0.4}

    def _local(self, now: int) -> datetime:
        """What the clock may show soon, or will not: it goes on from what it shows now as if it were not changed."""
        shown = datetime.fromtimestamp(now, UTC).astimezone(zone(self._zone)).replace(tzinfo=None)
        seconds = self._chance.randint(-15, 40)
        return shown + timedelta(seconds=seconds)

    def _recurs(self, made: Written) -> bool:
        return "at" not in made or "every" in made

    def _options(self, now: int) -> Written:
        chance, made = self._chance, Written()
        if chance.random() < 0.12:
            made["start"] = rfc3339_second(now + chance.randint(-10, 15))
        if chance.random() < 0.12:
            made["end"] = rfc3339_second(now + chance.randint(16, 50))
        if chance.random() < 0.15:
            made["max_runs"] = chance.randint(1, 8)
        if chance.random() < 0.12:
            today = rfc3339_second(now)[:10]
            made["exclude"] = [chance.choice(("*/4 * * * * *", "0-29 * * * * *", today, "*/5 * * * * *"))]
        return made
