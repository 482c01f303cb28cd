"""What somebody who comes from another scheduler might not expect of an expression."""

import re
from typing import Final

from tasker_core.cron.description import WEEKDAYS
from tasker_core.cron.dialect import split
from tasker_core.cron.field_values import WEEKDAY, value_of

_NUMBER: Final = re.compile(r"(?<![#/\w])[0-7](?!\w)|(?<![#/\w])[0-7](?=[L#])|(?<=L)[0-7]")
_OPEN_STEP: Final = re.compile(r"([1-6]|[A-Z]{3})/([1-7])")


def notes_on(expression: str) -> list[str]:
    """One sentence each."""
    *_, day, _, weekday, _ = split(expression)
    found: list[str] = []
    if "?" in (day, weekday) and (number := _NUMBER.search(weekday)):
        # Only Quartz and those that follow it have a `?`, and they count otherwise.
        ours = WEEKDAYS[int(number[0]) % 7]
        theirs = f"{WEEKDAYS[int(number[0]) - 1]} to Quartz" if int(number[0]) else "no weekday to Quartz"
        names = f"{WEEKDAY.names[0]} to {WEEKDAY.names[-1]}"
        found.append(
            f"weekday {number[0]} is {ours} here (0 and 7 are Sunday) and {theirs}: {names} mean the same in both"
        )
    return found + [
        f"weekday {item} goes on to Sunday, as {step[1]}-7/{step[2]} does; some schedulers stop at Saturday"
        for item in weekday.split(",")
        if (step := _OPEN_STEP.fullmatch(item)) and _reaches_sunday(step[1], int(step[2]))
    ]


def _reaches_sunday(first: str, step: int) -> bool:
    begin = value_of(WEEKDAY, first)
    return begin > 0 and (7 - begin) % step == 0
