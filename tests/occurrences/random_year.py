"""What may happen to a task in a year: edits, pauses, deletes, new starts and outages, often close to a due time."""

from random import Random
from typing import Any, Final

from tasker_cli.verify.enumeration.nominal_times import for_task, nominal_times
from tasker_core.calendars.calendar_days import date_of
from tests.occurrences.simulated_year import TASK, SimulatedYear, instant

Body = dict[str, Any]
BEGIN: Final = 1_767_225_600
"""2026-01-01T00:00:00Z"""
DAY: Final = 86_400
YEAR: Final = 365 * DAY
OWN, FOREIGN = "closed", "open"
"""Calendars whose names belong to this partition and to another one."""
_BERLIN: Final = {"timezone": "Europe/Berlin"}
SCHEDULES: Final[tuple[Body, ...]] = (
    {"cron": "30 2 * * *", **_BERLIN},
    {"cron": "30 2 * * *", **_BERLIN, "fold": "both", "gap": "skip"},
    {"cron": "0 9,17 * * 1-5", **_BERLIN},
    {"cron": "15 30 1,2,3 * * *", **_BERLIN},
    {"cron": "0 0 1,15 * *", "timezone": "America/Santiago"},
    {"cron": "0 H * * *", "timezone": "UTC"},
    {"cron": "0 0 L * ?", "timezone": "UTC"},
    {"every": "PT6H"},
    {"every": "PT10H", "start": "2026-05-01T00:00:00+00:00"},
    {"every": "P1D", "at": "02:30", "timezone": "Australia/Lord_Howe"},
    {"every": "P1W", "at": "00:00", "timezone": "America/Santiago", "anchor": "2026-01-03"},
    {"any": [{"cron": "0 8 * * *"}, {"cron": "0 20 * * 1"}, {"every": "P2D", "at": "08:00"}], **_BERLIN},
    {"manual": True},
)


class RandomYear:
    """The users of one year, and the outages."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.year = SimulatedYear(BEGIN, chance)
        self._schedule: Body | None = None
        self._changes_of_calendars = chance.choice((0, 14))

    def run(self, changes: int) -> None:
        """Let so many things happen, and the rest of the time pass."""
        self.year.send({"type": "calendar", "calendar": {"name": OWN, "days": self._days(OWN)}})
        self.year.define_elsewhere(FOREIGN, self._days(FOREIGN))
        moments = sorted(self._chance.randrange(BEGIN + DAY, BEGIN + YEAR) for _ in range(changes))
        for moment in moments:
            moment = self._near_a_time(moment)
            if moment <= self.year.now:
                continue
            self.year.run_to(moment)
            self._act()
            if self._chance.random() < 0.25:
                self._outage()
        self.year.run_to(max(self.year.now, BEGIN + YEAR))
        if self._chance.random() < 0.3:
            self.year.outage(self.year.now + self._chance.randint(3600, 3 * DAY))
            self.year.recover(whole=False)

    def _near_a_time(self, moment: int) -> int:
        """Now and then a moment just before or after a time of the schedule, or within its spread."""
        if self._schedule is None or self._chance.random() < 0.4:
            return moment
        accepted = [body["task"]["schedule"] for body in self.year.log.records["verdicts"] if body.get("task")]
        if not accepted:
            return moment
        begin, bare = moment - moment % 60, {name: of for name, of in accepted[-1].items() if "calendars" not in name}
        found = nominal_times(for_task(bare, TASK), begin, begin + 3 * DAY)
        if not found:
            return moment
        return self._chance.choice(found) + self._chance.choice((-1, 0, 1, 60, 300, 700, 1200))

    def _outage(self) -> None:
        year, chance = self.year, self._chance
        for _ in range(chance.choice((0, 0, 1, 2))):
            year.outage(year.now + chance.choice((30, 3600, DAY, 2 * DAY)))
            self._act()
        year.outage(year.now + chance.choice((5, 70, 7200, DAY, 5 * DAY)))
        year.recover()

    def _act(self) -> None:
        chance = self._chance
        odds = {"put": 8, "pause": 4, "resume": 5, "delete": 1.5, "rename": 3, "calendar": self._changes_of_calendars}
        kind = chance.choices(tuple(odds), tuple(odds.values()))[0]
        if self._schedule is None or kind == "put":
            self._put(self._made())
        elif kind == "calendar":
            self._change_calendar()
        elif kind == "rename":
            self._put(self._schedule if chance.random() < 0.6 else self._respread(self._schedule))
        else:
            self.year.send({"type": kind, "task_id": TASK, "actor": chance.choice(("ann", "bob"))})
            if kind == "delete":
                self._schedule = None

    def _respread(self, schedule: Body) -> Body:
        """The same schedule, in another window."""
        made = {name: value for name, value in schedule.items() if name != "spread"}
        return made if "spread" in schedule or "manual" in schedule else {**made, "spread": "PT30M"}

    def _change_calendar(self) -> None:
        """Define a calendar of this partition, or of another one; now and then delete it."""
        name = self._chance.choice((OWN, FOREIGN))
        days = None if self._chance.random() < 0.12 else self._days(name)
        if name == FOREIGN:
            self.year.define_elsewhere(name, days)
        elif days is None:
            self.year.send({"type": "calendar-delete", "calendar": name})
        else:
            self.year.send({"type": "calendar", "calendar": {"name": name, "days": days}})

    def _days(self, name: str) -> list[str]:
        """Ranges of days around now and of the coming months: of the foreign one, which is required, most of them."""
        chance, found = self._chance, list[str]()
        lengths = (0, 0, 1, 6, 30) if name == OWN else (5, 20, 60, 200)
        for _ in range(chance.choice((0, 1, 2, 5))):
            first = self.year.now // DAY + chance.choice((-2, 0, 0, 1, 3, 10, 40, 90))
            dates = (date_of(first), date_of(first + chance.choice(lengths)))
            found.append("/".join(map(str, dates)))
        return found

    def _put(self, schedule: Body) -> None:
        chance = self._chance
        task: Body = {"id": TASK, "name": f"n{chance.randint(0, 9)}", "schedule": schedule}
        if chance.random() < 0.5:
            policy = chance.choice(("latest", "all", "none"))
            task["misfire"] = {"policy": policy, "grace": chance.choice(("PT0S", "PT1M", "PT2H")), "max": 2}
        if chance.random() < 0.15:
            task["paused"] = chance.random() < 0.5
        self.year.send({"type": "put", "task": task, "actor": "ann"})
        self._schedule = schedule

    def _made(self) -> Body:
        chance, now = self._chance, self.year.now
        if chance.random() < 0.1:
            return {"at": instant(now + chance.choice((-3600, 3600, 2 * DAY)))}
        made = dict(chance.choice(SCHEDULES))
        if "manual" in made:
            return made
        if chance.random() < 0.4:
            made["spread"] = chance.choice(("PT20M", "PT30M"))
        if chance.random() < 0.15 and "start" not in made:
            made["start"] = instant(now + chance.choice((-DAY, DAY, 9 * DAY)))
        if chance.random() < 0.15:
            made["end"] = instant(now + chance.choice((10 * DAY, 40 * DAY)))
        if chance.random() < (0.35 if self._changes_of_calendars else 0.15):
            made["max_runs"] = chance.randint(1, 9)
        if self._changes_of_calendars and chance.random() < 0.5:
            made |= chance.choice(
                (
                    {"exclude_calendars": [OWN]},
                    {"require_calendars": [FOREIGN]},
                    {"exclude_calendars": [OWN], "require_calendars": [FOREIGN]},
                    {"exclude_calendars": [FOREIGN, OWN]},
                    {"require_calendars": [OWN]},
                )
            )
        if chance.random() < 0.3:
            made["exclude"] = chance.choice((["* * * * 1"], ["2026-03-25/2026-04-02", "0 8 * * *"], ["30 2 25 10 *"]))
        return made
