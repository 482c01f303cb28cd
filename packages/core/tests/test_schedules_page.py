"""docs/schedules.md says what is true: its examples are read from the page and run."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from tasker_core.schedules.description import describe
from tasker_core.schedules.kinds.cron import Cron
from tasker_core.schedules.schedule import Schedule
from tasker_core.task import Misfire
from tasker_core.testing import next_nominal
from tasker_core.time.zones import utc, zone

PAGE = (Path(__file__).parents[3] / "docs" / "schedules.md").read_text(encoding="utf-8")
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Antarctica/Troll",
    "Pacific/Apia",
]


def rows() -> list[list[str]]:
    """The cells of the table of clock changes."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:1] == "|"]
    return [cells for cells in lines if len(cells) == 5 and "/" in cells[0]]


def fires(cron: Cron, day: str) -> list[str]:
    """What fires on a local day, as `03:00+02:00`."""
    tz = zone(cron.timezone)
    begin = datetime.fromisoformat(day).replace(tzinfo=tz)
    at = int((begin - timedelta(days=2)).timestamp())
    found: list[str] = []
    while (moment := utc(at := next_nominal(cron, at)).astimezone(tz)).date() <= begin.date():
        if moment.date() == begin.date():
            found.append(moment.isoformat()[11:16] + moment.isoformat()[19:])
    return found


def test_the_zones_are_all_there() -> None:
    assert [*dict.fromkeys(cells[0] for cells in rows())] == ZONES


@pytest.mark.parametrize("cells", rows(), ids=lambda cells: f"{cells[0]} {cells[1]} {cells[3]}")
def test_a_line_of_the_table(cells: list[str]) -> None:
    name, day, clock, schedule, expectation = cells
    options: dict[str, Any] = {}
    found = re.fullmatch(r"`([^`]+)`(?:, (gap|fold) (\w+))?", schedule)
    assert found is not None
    if found[2]:
        options[found[2]] = found[3]
    expected = [] if expectation == "never" else expectation.split()
    assert fires(Cron(cron=found[1], timezone=name, **options), day) == expected
    if match := re.fullmatch(r"(\d\d):(\d\d) → (\d\d):(\d\d)", clock):
        hour, minute = int(match[1]), int(match[2])
        midnight = datetime.fromisoformat(day).replace(tzinfo=zone(name))
        last = midnight + timedelta(hours=hour, minutes=minute, seconds=-1)
        first = utc(int(last.timestamp()) + 1).astimezone(zone(name))
        assert f"{first:%H:%M}" == f"{match[3]}:{match[4]}"


WORDS = re.findall(r"^\| `([^`{]+)` \| ([^|]+?) \|$", PAGE, re.MULTILINE)


def test_the_words_of_expressions() -> None:
    assert len(WORDS) == 8
    assert {text: describe(Cron(cron=text)) for text, _ in WORDS} == {t: f"{words}, UTC" for t, words in WORDS}


def calendar_rows() -> list[tuple[str, list[str]]]:
    """The calendar intervals of their table, each with its times."""
    return [(found[1], found[2].split()) for found in re.finditer(r"^\| `(\{.*\})` \| (.*) \|$", PAGE, re.MULTILINE)]


def test_the_calendar_intervals_are_all_there() -> None:
    assert len(calendar_rows()) == 14


@pytest.mark.parametrize(("fields", "expected"), calendar_rows())
def test_a_calendar_interval_of_the_table(fields: str, expected: list[str]) -> None:
    schedule = TypeAdapter[Schedule](Schedule).validate_json(fields)
    at, found = 0, list[str]()
    for _ in expected:
        at = schedule.next_after(at)
        found.append(utc(at).astimezone(schedule.clock).isoformat(timespec="minutes").replace("+00:00", "Z"))
    assert found == expected


def test_the_examples_are_accepted() -> None:
    adapter = TypeAdapter[Schedule](Schedule)
    decoder = json.JSONDecoder()
    found: list[dict[str, Any]] = []
    for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL):
        rest = block.strip()
        while rest:
            value, end = decoder.raw_decode(rest)
            found.append(value)
            rest = rest[end:].strip()
    assert len(found) == 9
    for value in found:
        if "misfire" in value:
            assert Misfire.model_validate(value["misfire"]) == Misfire()
        else:
            assert describe(adapter.validate_python(value.get("after", value)))
