"""Schedules of every kind as users write them, about a day on which a clock changes."""

from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from dateutil.relativedelta import relativedelta
from hypothesis import assume
from hypothesis import strategies as st

from tasker_cli.verify.enumeration.nominal_times import Written, utc_text, zones_of_members
from tasker_cli.verify.enumeration.nominal_times import members as members_of
from tests.schedules.clock_changes import CHANGES, DAY, UNCHANGED, ZONES, ClockChange
from tests.schedules.engine_walk import parse_possible

EVERY: Final = ("P1D", "P1D", "P2D", "P3D", "P1W", "P2W", "P1M", "P2M", "P5M", "P1Y", "P4Y")
_MINUTES, _HOURS = (0, 1, 15, 29, 30, 45, 59), (0, 1, 2, 3, 23)
_DAYS = (
    *("* * *", "* * *", "* * *", "? * *", "* * ?", "L * ?", "L-1 * ?", "L-3 * *", "LW * ?", "1W * ?", "28W,30W * ?"),
    *("15W * *", "LW,15W,L-30 * ?", "31W * ?", "* * MON/2", "* * 1/2", "* * 5L", "? * FRI#3,SUNL", "1-7 * MON"),
    *("13 * FRI", "*/10 * MON", "29 2 ?", "? 3,10 SUN", "15W,20 * SUN#2"),
)  # fmt: skip
changes: Final = st.sampled_from([*CHANGES, UNCHANGED])
_clock: Final = st.tuples(
    st.sampled_from(_HOURS) | st.integers(0, 23),
    st.sampled_from(_MINUTES) | st.integers(0, 59),
    st.sampled_from((0, 0, 1, 30, 59)),
)


class Around(NamedTuple):
    """A schedule, and the five days about a clock change of its zone."""

    change: ClockChange
    written: Written

    @property
    def begin(self) -> int:
        """The first instant of these days."""
        return self.change.midnight - 2 * DAY

    @property
    def end(self) -> int:
        """The first instant after them."""
        return self.change.midnight + 3 * DAY


@st.composite
def clock_options(draw: st.DrawFn) -> Written:
    """What a clock change does to fixed times, or nothing about it."""
    chosen = {"gap": draw(st.sampled_from(("shift", "skip"))), "fold": draw(st.sampled_from(("first", "last", "both")))}
    return {name: value for name, value in chosen.items() if draw(st.booleans())}


@st.composite
def calendar_intervals(draw: st.DrawFn, change: ClockChange) -> Written:
    """One with an occurrence on one of the days about the change, its anchor years before or just there."""
    every, (hour, minute, second) = draw(st.sampled_from(EVERY)), draw(_clock)
    day = change.day + timedelta(days=draw(st.integers(-2, 2)))
    anchor = _back(day, every, draw(st.integers(0, 12)))
    written: Written = {
        "every": every,
        "at": f"{hour:02}:{minute:02}" + (f":{second:02}" if second else ""),
        "timezone": change.zone,
        "anchor": anchor.isoformat(),
    }
    if draw(st.booleans()):
        written["month_end"] = draw(st.sampled_from(("last", "skip")))
    return written | draw(clock_options())


def _back(day: date, every: str, times: int) -> date:
    unit = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}[every[-1]]
    # Not every day has a month before it with the same number: then it is an anchor near by.
    distance: dict[str, Any] = {unit: int(every[1:-1]) * times}
    return max(day - relativedelta(**distance), date(1970, 1, 2))


@st.composite
def crons(draw: st.DrawFn, change: ClockChange) -> Written:
    """Fixed times and interval-like ones, with the forms of Quartz, seconds, and years."""
    minutes = sorted(draw(st.sets(st.sampled_from(_MINUTES) | st.integers(0, 59), min_size=1, max_size=2)))
    hours = sorted(draw(st.sets(st.sampled_from(_HOURS) | st.integers(0, 23), min_size=1, max_size=3)))
    minute, hour = (",".join(map(str, values)) for values in (minutes, hours))
    time = draw(
        st.sampled_from((f"{minute} {hour}", f"{minute} {hour}", f"*/20 {hour}", f"{minute} */3", f"{minute} 0-3"))
    )
    expression = f"{time} {draw(st.sampled_from(_DAYS))}"
    if draw(st.integers(0, 2)) == 0:
        expression = f"{draw(st.sampled_from(('0', '30', '*/20', '5,59')))} {expression}"
        year = change.day.year
        if draw(st.booleans()):
            expression += " " + draw(
                st.sampled_from((f"{year}", f"{year}/3", f"{year - 3}-{year}", f"{year + 1}", f"1999,{year}", "*"))
            )
    return {"cron": expression, "timezone": change.zone} | draw(clock_options())


@st.composite
def elapsed_intervals(draw: st.DrawFn, change: ClockChange) -> Written:
    """Elapsed time, at most some hundred of them in those days."""
    step = draw(st.sampled_from(("PT30M", "PT45M", "PT7H", "P1D", "P2D")))
    return {"every": step, "anchor": utc_text(change.midnight + draw(st.integers(-6 * DAY, 2 * DAY)))}


@st.composite
def instants(draw: st.DrawFn, change: ClockChange) -> Written:
    """One instant, with an offset or as local time."""
    second = change.midnight + 1800 * draw(st.integers(-4 * 24, 4 * 24))
    if draw(st.booleans()):
        return {"at": utc_text(second)}
    return {"at": utc_text(second)[:19], "timezone": change.zone}


def members(change: ClockChange) -> st.SearchStrategy[Written]:
    """One schedule that may be a member of `any`."""
    return st.one_of(calendar_intervals(change), crons(change), elapsed_intervals(change), instants(change))


@st.composite
def unions(draw: st.DrawFn, change: ClockChange) -> Written:
    """Several, some in the zone of the whole, some in a zone of their own."""
    found: list[Written] = []
    for member in draw(st.lists(members(change), min_size=1, max_size=5)):
        if "timezone" in member:
            kept = draw(st.sampled_from(("named", "named", "default", "another")))
            if kept == "default":
                del member["timezone"]
            elif kept == "another":
                member["timezone"] = draw(st.sampled_from(ZONES))
        found.append(member)
    if len(found) > 1 and draw(st.booleans()):
        found.append(found[0])
    written: Written = {"any": found}
    local = any("at" in member and "every" not in member and len(member["at"]) == 19 for member in found)
    if len(zones_of_members(written)) > 1 or local or draw(st.booleans()):
        written["timezone"] = change.zone
    # One member that no date ever matches, and the whole is refused: it says nothing of the others.
    assume(all(parse_possible(member) is not None for member in members_of(written)))
    return written


@st.composite
def around(draw: st.DrawFn, kind: Any) -> Around:
    """A schedule of a kind, about a clock change of its zone."""
    change = draw(changes)
    return Around(change, draw(kind(change)))


def every_kind(change: ClockChange) -> st.SearchStrategy[Written]:
    """Any schedule that recurs."""
    return st.one_of(calendar_intervals(change), crons(change), elapsed_intervals(change), unions(change))
