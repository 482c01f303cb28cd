"""PURE. The times of a crontab's entry as a schedule, and what means something else here."""

import re
from typing import Any, Final, NamedTuple

from tasker_core.cron.dialect import check
from tasker_core.cron.field_values import FORMS, CronField
from tasker_core.cron.pasted_line import pasted_line
from tasker_core.errors import MendableValue

_RANDOM: Final = re.compile(r"([0-9]{1,2})?~([0-9]{1,2})?(/[0-9]{1,2})?")
_SECONDS: Final = re.compile(r"@([0-9]{1,7})")
_EVERY: Final = {"@every_second": "PT1S", "@every_minute": "PT1M"}


class ReadSchedule(NamedTuple):
    """A schedule as in the body of a task, and what to know of it."""

    schedule: dict[str, Any]
    warnings: tuple[str, ...] = ()


def schedule_of(times: str, timezone: str) -> ReadSchedule:
    """What the times of an entry mean at the clock of a zone. Raises ValueError with the way out."""
    word = times.lower()
    if word == "@reboot":
        raise ValueError(
            "@reboot names no time: have the machine's own start do it (a systemd unit), or give the entry a schedule"
        )
    if interval := _interval(word):
        return ReadSchedule({"every": interval}, ("is counted from its creation, as no clock time is given",))
    expression, warnings = times, ()
    if "~" in times:
        fields = zip(FORMS[5], times.split(), strict=True)
        expression = " ".join(",".join(_hashed(item, field) for item in text.split(",")) for field, text in fields)
        warnings = (f"~ chose a time by chance; {expression} is one by the task's id, always the same",)
    check(expression)
    return ReadSchedule({"cron": expression, "timezone": timezone}, warnings)


def _interval(word: str) -> str | None:
    """That of Go's `@every 1h30m`, and of FreeBSD's `@600` and `@every_minute`; None when it is none."""
    if seconds := _SECONDS.fullmatch(word):
        return f"PT{int(seconds[1])}S"
    if word.startswith("@every ") and isinstance(found := pasted_line(word), MendableValue):
        return str(found.mended["every"])
    return _EVERY.get(word)


def _hashed(item: str, field: CronField) -> str:
    """OpenBSD's and cronie's `5~20`, a minute at random, as the hash of the task in the same range."""
    if "~" not in item:
        return item
    if (found := _RANDOM.fullmatch(item)) is None:
        raise ValueError(f"{field.name}: {item!r} is not understood; use a range such as 0~30, or H(0-30)")
    low, high, step = found.groups()
    given = f"({low or field.low}-{high or field.high})" if low or high else ""
    return f"H{given}{step or ''}"
