"""Two other cron libraries as independent oracles; each difference is listed with its reason."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, pairwise, takewhile
from typing import Any, cast

import pytest
from croniter import croniter
from cronsim import CronSim

from tasker_core.cron import CronExpression
from tasker_core.zones import zone

FIXED = ["30 2 * * *", "0 9 * * 1-5", "15,45 1,2,3 * * *", "0 0 1 * *", "0 0 * * *", "59 23 L * *", "5 4 * * SUN"]
INTERVAL_LIKE = ["* * * * *", "*/5 * * * *", "*/30 * * * *", "0 * * * *", "*/20 */3 * * *", "17 */2 * * *", "* 2 * * *"]
DAYS = [
    *(
        "0 12 13 * 5",
        "0 12 */10 * 1",
        "0 12 1-7 * */2",
        "0 12 * * 5L",
        "0 12 * * 1#1",
        "0 12 * * 2#2,4#5",
        "0 12 29 2 *",
    ),
    *(
        "0 12 * 2,4-6 *",
        "0 12 31 * *",
        "0 12 10-20/3 */2 *",
        "0 12 * * 0",
        "0 12 * * 7",
        "0 12 * * MON,WED-FRI",
        "0 12 L 2 *",
    ),
]
ZONES = [
    *("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "America/Havana"),
    *("Antarctica/Troll", "Africa/Casablanca", "Europe/Dublin", "Asia/Kolkata", "Pacific/Chatham", "America/St_Johns"),
    *("Asia/Beirut", "Africa/Cairo", "Australia/Sydney", "Asia/Gaza"),
]
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


def ours(expression: str, name: str, begin: datetime = BEGIN, end: datetime = END) -> Iterator[datetime]:
    cron = CronExpression.parse(expression, name)
    at = int(begin.timestamp())
    while (at := cron.next_after(at)) < end.timestamp():
        yield datetime.fromtimestamp(at, UTC)


def cronsims(expression: str, name: str, begin: datetime = BEGIN, end: datetime = END) -> Iterator[datetime]:
    found = CronSim(expression, begin.astimezone(zone(name)))
    return takewhile(lambda at: at < end, (at.astimezone(UTC) for at in found))


def around_changes(expression: str, name: str) -> tuple[list[datetime], list[datetime]]:
    """Both answers for the days around every clock change of 2026."""
    cron = zone(name)
    hours = [datetime.fromtimestamp(BEGIN.timestamp() + 3600 * h, cron) for h in range(365 * 24)]
    changes = [b for a, b in pairwise(hours) if a.utcoffset() != b.utcoffset()]
    mine: list[datetime] = []
    theirs: list[datetime] = []
    for change in changes:
        begin, end = (datetime.fromtimestamp(change.timestamp() + d * 86_400, UTC) for d in (-1.25, 1.25))
        mine += ours(expression, name, begin, end)
        theirs += cronsims(expression, name, begin, end)
    return mine, theirs


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("expression", FIXED)
def test_fixed_times_as_cronsim(expression: str, name: str) -> None:
    # cronsim repeats an instant when two times of one gap are shifted onto it; here they are one.
    theirs = dict.fromkeys(cronsims(expression, name))
    assert list(ours(expression, name)) == list(theirs)


# cronsim searches for its hour in steps of whole hours and so misses minutes after a change by half an hour; the
# minute-by-minute properties cover these.
BY_HALF_HOURS = ("Australia/Lord_Howe", "Pacific/Chatham")


@pytest.mark.parametrize(
    ("expression", "name"),
    [(e, n) for e in INTERVAL_LIKE for n in ZONES if n not in BY_HALF_HOURS or e.split()[1] == "*"],
)
def test_interval_like_as_cronsim(expression: str, name: str) -> None:
    mine, theirs = around_changes(expression, name)
    assert mine == theirs


@pytest.mark.parametrize("expression", DAYS)
def test_days_as_cronsim(expression: str) -> None:
    mine = list(islice(ours(expression, "Europe/Berlin", end=datetime(2060, 1, 1, tzinfo=UTC)), 300))
    assert mine == list(islice(cronsims(expression, "Europe/Berlin", end=datetime(2060, 1, 1, tzinfo=UTC)), 300))


@pytest.mark.parametrize(
    "expression", [*FIXED, *INTERVAL_LIKE, *(e.replace("5L", "L5") for e in DAYS), "0 22-2/2 * * *"]
)
def test_every_one_as_croniter_in_utc(expression: str) -> None:
    # croniter writes L5 where cronsim writes 5L; both are taken here. Its own clock changes are not asked for.
    theirs = cast("Any", croniter)(expression, BEGIN, ret_type=datetime, implement_cron_bug=True)
    mine = list(islice(ours(expression, "UTC", end=datetime(2190, 1, 1, tzinfo=UTC)), 40))
    assert mine == [theirs.get_next() for _ in range(40)]


def test_where_cronsim_differs() -> None:
    spring = (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC))
    # Debian's cron looks for a leading star only; a range in the hour field is interval-like here (design, section 4).
    assert len(list(cronsims("30 1-2 * * *", "Europe/Berlin", *spring))) == 2
    assert len(list(ours("30 1-2 * * *", "Europe/Berlin", *spring))) == 1
    # It leaves expressions with seconds without any protection: the occurrence in the gap is lost.
    assert list(cronsims("0 30 2 * * *", "Europe/Berlin", *spring)) == []
    assert len(list(ours("0 30 2 * * *", "Europe/Berlin", *spring))) == 1


def test_where_croniter_differs() -> None:
    # 5-5 means every value to croniter.
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC)
    expanded = cast("Any", croniter).expand("0 0 * * 5-5")[0]
    assert expanded[4] == ["*"]
    assert [at.day for at in ours("0 0 * * 5-5", "UTC", begin, end)] == [2]
