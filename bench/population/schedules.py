"""What a large installation's tasks are scheduled by: mostly the same few expressions, the rest one task's own."""

from typing import Any, Final, NamedTuple

from tasker_core.time.instant import rfc3339_second

DAY: Final = 86_400
ZONES: Final = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo")
KINDS: Final = (
    ("midnight", 14),
    ("hourly", 14),
    ("five minutes", 12),
    ("quarter hours", 8),
    ("every minute", 1),
    ("daily", 12),
    ("weekdays", 8),
    ("hashed", 8),
    ("interval", 8),
    ("spread", 4),
    ("limited", 2),
    ("once coming", 5),
    ("once over", 4),
)
"""Of a hundred tasks, so many."""
_BY_SHARE: Final = [name for name, share in KINDS for _ in range(share)]


class MadeSchedule(NamedTuple):
    """A schedule as a user sends it. `is_over`: its only time has passed."""

    kind: str
    fields: dict[str, Any]
    is_over: bool = False


def schedule_of(number: int, now: int) -> MadeSchedule:
    """The schedule of the task of this number, always the same one for the same `now` (epoch seconds)."""
    kind, own = _BY_SHARE[number * 61 % 100], number * 2_654_435_761 % 2**32
    zone, minute, hour = ZONES[own % len(ZONES)], own // 7 % 60, own // 431 % 24
    match kind:
        case "midnight":
            fields: dict[str, Any] = {"cron": "0 0 * * *", "timezone": "UTC" if own % 3 else zone}
        case "hourly":
            fields = {"cron": "0 * * * *"}
        case "five minutes":
            fields = {"cron": "*/5 * * * *"}
        case "quarter hours":
            fields = {"cron": "*/15 * * * *" if own % 2 else f"{own % 15}-59/15 * * * *"}
        case "every minute":
            fields = {"cron": "* * * * *"}
        case "daily":
            fields = {"cron": f"{minute} {hour} * * *", "timezone": zone}
        case "weekdays":
            fields = {"cron": f"{own // 3 % 12 * 5} {6 + hour // 2} * * 1-5", "timezone": zone}
        case "hashed":
            fields = {"cron": ("H H * * *", "H * * * *", "H H * * 0")[own % 3]}
        case "interval":
            every = ("PT15M", "PT1H", "PT6H", "P1D")[own % 4]
            fields = {"every": every, "anchor": rfc3339_second(now - 200 * DAY + own % (30 * DAY))}
        case "spread":
            fields = {"cron": ("0 0 * * *", "0 * * * *")[own % 2], "spread": ("PT5M", "PT30M")[own // 2 % 2]}
        case "limited":
            fields = {"cron": f"{minute} */2 * * *", "timezone": zone}
            fields |= ({"max_runs": 1 + own % 500}, {"exclude": ["2026-12-24/2027-01-01", "* * * * 0"]})[own // 2 % 2]
        case "once coming":
            fields = {"at": rfc3339_second(now + 60 + own % (30 * DAY))}
        case _:
            return MadeSchedule(kind, {"at": rfc3339_second(now - 60 - own % (20 * DAY))}, is_over=True)
    return MadeSchedule(kind, fields)
