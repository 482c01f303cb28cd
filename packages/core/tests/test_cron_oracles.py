"""Two other cron libraries as independent oracles; each difference is listed with its reason."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise, takewhile
from random import Random
from typing import Any, cast

import pytest
from croniter import croniter
from cronsim import CronSim

from tasker_core.cron.expression import CronExpression
from tasker_core.time.zones import zone

DAYS = [
    *("* * *", "* * *", "* * 1-5", "* * SUN", "1,15 * *", "L * *", "* * 5L", "* * 1#1", "* * 2#2,4#5", "13 * 5"),
    *("*/10 * 1", "1-7 * */2", "29 2 *", "* 2,4-6 *", "31 * *", "10-20/3 */2 *", "* * 0,7", "* JAN-MAR MON,WED-FRI"),
    *("L 2 *", "1 */3 *"),
]


def corpus() -> dict[str, list[str]]:
    """Expressions by how their minute and hour are written: the same ones in every run."""
    pick = Random(4)

    def some(high: int, most: int) -> str:
        return ",".join(str(n) for n in sorted(pick.sample(range(high), pick.randint(1, most))))

    def span(high: int) -> str:
        low = pick.randint(0, high - 2)
        return f"{low}-{pick.randint(low + 1, high - 1)}" + pick.choice(["", "", "/2", "/3"])

    def night() -> str:
        return pick.choice([some(4, 3), some(4, 2), some(24, 3)])

    found = {
        "fixed": [f"{some(60, 3)} {night()}" for _ in range(130)],
        "star": [
            pick.choice(
                [f"*/{pick.randint(2, 59)} *", f"* {night()}", f"{some(60, 2)} *", f"*/15 */{pick.randint(2, 9)}"]
            )
            for _ in range(100)
        ],
        "range": [pick.choice([f"{span(60)} {night()}", f"{some(60, 2)} {span(24)}"]) for _ in range(100)],
    }
    return {
        kind: [f"{time} {pick.choice(['* * *', pick.choice(DAYS)])}" for time in times] for kind, times in found.items()
    }


CORPUS = corpus()
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


@lru_cache(maxsize=32)
def changes(name: str) -> list[int]:
    """The clock changes of 2026 and 2027; one instant without a change in a zone that has none."""
    tz = zone(name)
    seconds = range(int(BEGIN.timestamp()), int(END.timestamp()), 3600)
    offsets = [datetime.fromtimestamp(second, tz).utcoffset() for second in seconds]
    return [second for second, (a, b) in zip(seconds[1:], pairwise(offsets), strict=True) if a != b] or [seconds[5000]]


def both(expression: str, name: str, days: float, *, leaving: float = 0) -> tuple[list[datetime], list[datetime]]:
    """The answers for so many days around every change, `leaving` out so many about the change itself."""
    mine: list[datetime] = []
    theirs: list[datetime] = []
    for change in changes(name):
        begin, middle, end = (datetime.fromtimestamp(change + d * 86_400, UTC) for d in (-days, 0, days))
        for answer, of in ((mine, ours), (theirs, cronsims)):
            answer += [at for at in of(expression, name, begin, end) if abs(at - middle) >= timedelta(leaving)]
    return mine, theirs


def test_the_corpus_is_wide_enough() -> None:
    assert len({expression for kind in CORPUS.values() for expression in kind}) >= 300
    assert len(ZONES) >= 15
    assert all(ours(e, "UTC", end=datetime(2100, 1, 1, tzinfo=UTC)) for kind in CORPUS.values() for e in kind)


@pytest.mark.parametrize("name", ZONES)
def test_fixed_times_as_cronsim(name: str) -> None:
    for expression in CORPUS["fixed"]:
        mine, theirs = both(expression, name, 1.25)
        # cronsim repeats an instant when two times of one gap are shifted onto it; here they are one.
        assert mine == list(dict.fromkeys(theirs)), expression


# cronsim looks for its hour in steps of whole hours, and after a change by half an hour, or at a quarter to three,
# misses some minutes; the minute-by-minute properties cover these.
BY_HALF_HOURS = ("Australia/Lord_Howe", "Pacific/Chatham")
# It goes to a chosen day by its midnight; where a clock change swallows that, it loses the hour after, or gives 01:00
# to an expression that does not have it.
WITHOUT_MIDNIGHT = ("America/Santiago", "America/Havana", "Asia/Beirut", "Africa/Cairo")


@pytest.mark.parametrize("name", [name for name in ZONES if name not in BY_HALF_HOURS])
def test_stars_as_cronsim(name: str) -> None:
    for expression in CORPUS["star"]:
        if name not in WITHOUT_MIDNIGHT or expression.endswith("* * *"):
            mine, theirs = both(expression, name, 0.2)
            assert mine == theirs, expression


@pytest.mark.parametrize("name", ZONES)
def test_ranges_as_cronsim(name: str) -> None:
    for expression in CORPUS["range"]:
        # A range follows elapsed time here, while Debian's cron looks for a star only and takes it for a fixed time:
        # the hours about the change differ, see below.
        mine, theirs = both(expression, name, 0.5, leaving=0.17)
        assert mine == theirs, expression


@pytest.mark.parametrize("kind", CORPUS)
def test_all_as_croniter_in_utc(kind: str) -> None:
    # croniter writes L5 where cronsim writes 5L; both are taken here. Its own clock changes are not asked for.
    for expression in [*(e.replace("5L", "L5") for e in CORPUS[kind]), "0 22-2/2 * * *"]:
        theirs = cast("Any", croniter)(expression, BEGIN, ret_type=datetime, implement_cron_bug=True)
        mine = list(islice(ours(expression, "UTC", end=datetime(2190, 1, 1, tzinfo=UTC)), 6))
        assert mine == [theirs.get_next() for _ in range(6)], expression


@pytest.mark.parametrize("days", DAYS)
def test_days_as_cronsim(days: str) -> None:
    far = datetime(2060, 1, 1, tzinfo=UTC)
    mine = list(islice(ours(f"0 12 {days}", "Europe/Berlin", end=far), 200))
    assert mine == list(islice(cronsims(f"0 12 {days}", "Europe/Berlin", end=far), 200))


def test_where_cronsim_differs() -> None:
    spring = (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC))
    # Debian's cron looks for a leading star only; a range in the hour field is interval-like here (docs/schedules.md).
    assert len(list(cronsims("30 1-2 * * *", "Europe/Berlin", *spring))) == 2
    assert len(list(ours("30 1-2 * * *", "Europe/Berlin", *spring))) == 1
    # It leaves expressions with seconds without any protection: the occurrence in the gap is lost.
    assert list(cronsims("0 30 2 * * *", "Europe/Berlin", *spring)) == []
    assert len(list(ours("0 30 2 * * *", "Europe/Berlin", *spring))) == 1


def test_where_cronsim_loses_some() -> None:
    half_an_hour = (datetime(2026, 4, 4, 14, 30, tzinfo=UTC), datetime(2026, 4, 4, 16, tzinfo=UTC))
    assert [at.minute for at in ours("44 * * * *", "Australia/Lord_Howe", *half_an_hour)] == [44, 14]
    assert [at.minute for at in cronsims("44 * * * *", "Australia/Lord_Howe", *half_an_hour)] == [44]
    no_midnight = (datetime(2026, 3, 8, 4, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC))
    assert len(list(ours("*/30 1 * * SUN", "America/Havana", *no_midnight))) == 2
    assert len(list(cronsims("*/30 1 * * SUN", "America/Havana", *no_midnight))) == 0


def test_where_croniter_differs() -> None:
    # 5-5 means every value to croniter.
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC)
    expanded = cast("Any", croniter).expand("0 0 * * 5-5")[0]
    assert expanded[4] == ["*"]
    assert [at.day for at in ours("0 0 * * 5-5", "UTC", begin, end)] == [2]
