"""Quartz itself as the oracle of the forms that come from it; each difference is listed with its reason."""

import asyncio
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from tasker_core.cron.expression import NEVER, CronExpression
from tasker_devstack.backends.embedded_kafka import java_path
from tasker_devstack.backends.maven import make_with_maven

FOLDER = Path(__file__).with_name("quartz")
BEGIN = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
END = int(datetime(2110, 1, 1, tzinfo=UTC).timestamp())
COUNT = 40
DATES = [
    *("15W", "1W", "2W", "28W", "30W", "31W", "LW", "L", "L-1", "L-3", "L-10", "L-28", "L-30", "L-3W", "L-1W", "L-29W"),
    *("1,15", "1/5", "10-20/3", "29", "31", "L,15"),
]
WEEKDAYS = ["FRI#3", "MON#1", "SUN#5", "FRIL", "SUNL", "MON-FRI", "SAT,SUN", "WED", "FRI-MON"]
MONTHS = ["*", "*", "*", "2", "FEB", "1-3", "4,6,9,11", "NOV-FEB", "1/4", "DEC"]
YEARS = ["", "*", "2027", "2026-2030", "2028/4", "2027,2029,2096", "2100", "2000-2040/10", "2020"]
ONCE_A_DAY = ["0 0 9", "0 30 12", "15 0 0", "59 59 23"]
TIMES = [*ONCE_A_DAY, "15 0/20 8-10", "0 0 0,23", "*/30 59 23"]


def corpus() -> list[str]:
    """Expressions that Quartz and Tasker take alike: the same ones in every run."""
    pick = Random(11)

    def some(choices: list[str]) -> list[str]:
        return [pick.choice(choices)]

    days = [(date, "?") for date in DATES] + [("?", weekday) for weekday in WEEKDAYS]
    return [
        " ".join([*some(ONCE_A_DAY if "W" in date else TIMES), date, *some(MONTHS), weekday, *some(YEARS)]).strip()
        for date, weekday in days * 8
    ]


CORPUS = corpus()
DIFFERENT: dict[str, tuple[list[str] | None, list[str] | None]] = {
    # Its W loses the other times of a day onto which it moves: 15 March 2026 is a Sunday.
    "0 0 0,23 15W MAR ? 2026": (["2026-03-16 00:00", "2026-03-16 23:00"], ["2026-03-16 00:00"]),
    # A list of # is not for Quartz.
    "0 0 9 ? JAN FRI#3,MON#1 2026": (["2026-01-05 09:00", "2026-01-16 09:00"], None),
    # Quartz wants exactly one ?, Tasker takes * for the same.
    "0 0 9 * JAN MON 2027": (["2027-01-04 09:00", "2027-01-11 09:00", "2027-01-18 09:00", "2027-01-25 09:00"], None),
    # To Quartz, 2 is Monday.
    "0 0 9 ? JAN 2#1 2026": (["2026-01-06 09:00"], ["2026-01-05 09:00"]),
    # What never comes is refused here.
    "0 0 9 31W APR ? *": (None, []),
    "0 0 9 29 FEB ? 2027": (None, []),
}


@pytest.fixture(scope="module")
def quartz(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int] | None]:
    """Its times for each expression, None where it refuses it."""
    jars = tmp_path_factory.mktemp("quartz")
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={jars}"]
    asyncio.run(make_with_maven(jars, FOLDER / "pom.xml", goal))
    asked = list(dict.fromkeys([*CORPUS, *DIFFERENT]))
    program = [java_path(), "-cp", f"{jars}/*", str(FOLDER / "QuartzTimes.java"), str(BEGIN), str(COUNT)]
    found = subprocess.run(program, input="\n".join(asked), capture_output=True, text=True, check=True, timeout=300)
    answers = [None if line == "refused" else [int(at) for at in line.split()] for line in found.stdout.splitlines()]
    return dict(zip(asked, answers, strict=True))


def ours(expression: str) -> list[int] | None:
    """Ours, None where it is refused."""
    try:
        cron = CronExpression.parse(expression)
    except ValueError:
        return None
    found, at = list[int](), BEGIN
    while len(found) < COUNT and (at := cron.next_after(at)) < NEVER:
        found.append(at)
    return found


def shown(times: list[int] | None) -> list[str] | None:
    return None if times is None else [f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}" for at in times]


def test_as_quartz(quartz: dict[str, list[int] | None]) -> None:
    # It looks a hundred years ahead.
    assert [e for e in CORPUS if within(quartz[e]) != within(ours(e) or [])] == []
    assert sum(len(quartz[expression] or ()) for expression in CORPUS) > 4000


def within(times: list[int] | None) -> list[int] | None:
    return None if times is None else [at for at in times if at < END]


@pytest.mark.parametrize("expression", DIFFERENT)
def test_where_quartz_differs(quartz: dict[str, list[int] | None], expression: str) -> None:
    assert (shown(ours(expression)), shown(quartz[expression])) == DIFFERENT[expression]
