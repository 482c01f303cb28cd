"""Crontabs of some 200 entries as tasks, against a plain reading of the files and cronsim's times.

The reading here shares nothing with Tasker's: it knows the two files, in which every line that begins with a digit,
`*`, `@` or a dash is an entry.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim

from tasker_core.schedules.kinds.cron import Cron
from tasker_core.task import parse_task
from tasker_core.task_files.crontab.options import CrontabOptions
from tasker_core.task_files.entries import ImportedTask
from tasker_core.task_files.task_file import read_task_file

Form = Literal["user", "system"]
FILES: Final = Path(__file__).parent / "crontabs"
FORMS: Final[tuple[Form, ...]] = ("user", "system")
NICKNAMES: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
BEGINS: Final = ("2026-01-01T00:00", "2026-03-08T06:30", "2026-03-29T00:30", "2026-04-04T15:30", "2026-10-25T00:00")
"""A year's begin, and just before clocks change in New York, Europe, Sydney and Europe again."""
BY_ELAPSED_TIME: Final = "0,30 1-3 * * *"
"""A range of hours follows elapsed time here (docs/schedules.md), for cronsim only `*` does: they differ in a fold."""
Fire = tuple[int, int]
"""When (epoch seconds), and the line of the entry."""


class PlainEntry(NamedTuple):
    """An entry as one reads it."""

    line: int
    times: str
    zone: str
    user: str | None
    command: str


def plain_entries(form: Form) -> list[PlainEntry]:
    """Each entry of a file."""
    zone, found = "UTC", list[PlainEntry]()
    for number, line in enumerate((FILES / f"{form}.crontab").read_text().splitlines(), start=1):
        if line.startswith("CRON_TZ="):
            zone = line.removeprefix("CRON_TZ=").strip('"') or "UTC"
        elif re.match(r"\s*[-0-9*@]", line):
            words = line.lstrip(" \t-").split()
            count = 1 if words[0].startswith("@") else 5
            user = words[count] if form == "system" else None
            behind = r"\s+".join(map(re.escape, words[: count + (user is not None)]))
            command = re.sub(rf"^\s*-?{behind}\s+(?:-n -q )?", "", line)
            found.append(PlainEntry(number, " ".join(words[:count]), zone, user, command))
    return found


def imported(form: Form) -> list[ImportedTask]:
    """The tasks of a file, of which the form is to be found out."""
    options = CrontabOptions(timezone="UTC", handler="default")
    entries = list(read_task_file([(FILES / f"{form}.crontab").read_bytes()], "crontab", options))
    assert all(isinstance(one, ImportedTask) for one in entries), entries
    return [one for one in entries if isinstance(one, ImportedTask)]


def expected(entry: PlainEntry, begin: datetime) -> Iterator[Fire]:
    """The times of an entry by cronsim, which repeats an instant when two times of a gap are shifted onto it."""
    times = NICKNAMES.get(entry.times, entry.times)
    before = 0
    for at in CronSim(times.upper(), begin.astimezone(ZoneInfo(entry.zone))):
        if (second := int(at.timestamp())) != before:
            yield second, entry.line
        before = second


def fires(task: ImportedTask, begin: datetime) -> Iterator[Fire]:
    """The times of a task by Tasker."""
    schedule = parse_task(task.definition).schedule
    assert isinstance(schedule, Cron)
    at = int(begin.timestamp())
    while True:
        at = schedule.next_after(at)
        yield at, task.line


def test_there_are_two_hundred_entries() -> None:
    assert sum(len(plain_entries(form)) for form in FORMS) >= 200


@pytest.mark.parametrize("form", FORMS)
def test_each_entry_is_a_task_and_nothing_else_is(form: Form) -> None:
    entries, tasks = plain_entries(form), imported(form)
    assert [one.line for one in tasks] == [one.line for one in entries]
    for task, entry in zip(tasks, entries, strict=True):
        payload = task.definition["payload"]
        if task.definition["handler"] == "default":
            text = "%".join(
                [payload["command"], *payload.get("stdin", "").split("\n")]
                if "stdin" in payload
                else [payload["command"]]
            )
            assert text == entry.command.replace("\\%", "%").strip()
            assert payload.get("user") == entry.user
            assert payload["environment"]["SHELL"] == ("/bin/bash" if form == "user" else "/bin/sh")
        else:
            url = payload if isinstance(payload, str) else payload["url"]
            assert url in entry.command


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("begin", BEGINS)
def test_the_first_thousand_fires_are_those_of_a_plain_reading(form: Form, begin: str) -> None:
    start = datetime.fromisoformat(begin).replace(tzinfo=UTC)
    entries = [one for one in plain_entries(form) if begin != BEGINS[-1] or one.times != BY_ELAPSED_TIME]
    lines = {one.line for one in entries}
    theirs = merge(*(expected(entry, start) for entry in entries))
    ours = merge(*(fires(task, start) for task in imported(form) if task.line in lines))
    assert list(islice(ours, 1_000)) == list(islice(theirs, 1_000))


@pytest.mark.parametrize("form", FORMS)
def test_the_first_fires_of_each_entry_are_those_of_a_plain_reading(form: Form) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for entry, task in zip(plain_entries(form), imported(form), strict=True):
        count = 100 if "2 *" not in entry.times else 3
        assert list(islice(fires(task, start), count)) == list(islice(expected(entry, start), count)), entry
