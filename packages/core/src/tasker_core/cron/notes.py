"""What somebody who comes from another scheduler might not expect of an expression."""

import re
from typing import Final

from tasker_core.cron.description import WEEKDAYS
from tasker_core.cron.dialect import split
from tasker_core.cron.field_values import WEEKDAY

_NUMBER: Final = re.compile(r"(?<![#/\w])[0-7](?!\w)|(?<![#/\w])[0-7](?=[L#])|(?<=L)[0-7]")


def notes_on(expression: str) -> list[str]:
    """One sentence each."""
    *_, day, _, weekday, _ = split(expression)
    if "?" in (day, weekday) and (number := _NUMBER.search(weekday)):
        # Only Quartz and those that follow it have a `?`, and they count otherwise.
        ours = WEEKDAYS[int(number[0]) % 7]
        theirs = f"{WEEKDAYS[int(number[0]) - 1]} to Quartz" if int(number[0]) else "no weekday to Quartz"
        names = f"{WEEKDAY.names[0]} to {WEEKDAY.names[-1]}"
        return [f"weekday {number[0]} is {ours} here (0 and 7 are Sunday) and {theirs}: {names} mean the same in both"]
    return []
