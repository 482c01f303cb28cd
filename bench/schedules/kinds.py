"""The kinds of schedules whose next times are measured, the usual ones and the oddest."""

from typing import Any, Final

Written = dict[str, Any]
_BERLIN: Final = {"timezone": "Europe/Berlin"}
_AT_NINE: Final[Written] = {"at": "09:00", "anchor": "2020-01-31", **_BERLIN}

USUAL: Final[dict[str, Written]] = {
    "cron 0 9 * * 1-5": {"cron": "0 9 * * 1-5", **_BERLIN},
    "cron */5 * * * *": {"cron": "*/5 * * * *", **_BERLIN},
    "cron with seconds": {"cron": "*/20 * 9-17 * * *", **_BERLIN},
    "cron 15W": {"cron": "0 9 15W * ?", **_BERLIN},
    "cron L-3,LW": {"cron": "0 9 L-3,LW * ?", **_BERLIN},
    "cron with years": {"cron": "0 0 9 ? * 2 2020-2190", **_BERLIN},
    "every PT15M": {"every": "PT15M", "anchor": "2020-01-01T00:00:00Z"},
    "every day": {"every": "P1D", **_AT_NINE},
    "every second week": {"every": "P2W", **_AT_NINE},
    "every month": {"every": "P1M", **_AT_NINE},
    "every month, skip": {"every": "P1M", "month_end": "skip", **_AT_NINE},
    "every year": {"every": "P1Y", **_AT_NINE},
    "any of 3": {
        "any": [
            {"cron": "0 9 * * 1-5"},
            {"every": "P2W", "at": "12:00", "anchor": "2020-01-03"},
            {"at": "2026-12-24T18:00:00Z"},
        ],
        **_BERLIN,
    },
    "any of 50": {"any": [{"cron": f"{n} {n % 24} * * *"} for n in range(50)], **_BERLIN},
}
"""The first one is what the others are compared with."""

_DENSE: Final = [*(f"{n} * * * * *" for n in range(40)), *(f"40-59 {6 * n}-{6 * n + 5} * * * *" for n in range(9))]
_ODD_DAYS: Final = [*(f"* * {n} * *" for n in range(2, 32)), *(f"* * * * {n % 7}#{n % 5 + 1}" for n in range(20))]
ODD: Final[dict[str, Written]] = {
    "a leap day on a Monday": {"cron": "0 0 29 2 *", "exclude": ["* * * * TUE-SUN"]},
    "29 February or a Monday of it": {"cron": "0 0 29 2 1"},
    "one second in 2199": {"cron": "59 59 23 31 12 ? 2199", "timezone": "Pacific/Apia"},
    "leap days from 2196": {"cron": "0 0 0 29 2 ? 2196-2199", "timezone": "America/Santiago"},
    "31W": {"cron": "0 0 31W 2-6 ?"},
    "P1Y from 29 February, skip": {
        "every": "P1Y",
        "at": "02:30",
        "anchor": "2024-02-29",
        "month_end": "skip",
        **_BERLIN,
    },
    "P3Y from 29 February, skip": {
        "every": "P3Y",
        "at": "02:30",
        "anchor": "1972-02-29",
        "month_end": "skip",
        **_BERLIN,
    },
    "P1M from the 31st, skip": {"every": "P1M", "at": "02:30", "anchor": "1970-01-31", "month_end": "skip", **_BERLIN},
    "P12M from 29 February, skip": {"every": "P12M", "at": "00:00", "anchor": "1972-02-29", "month_end": "skip"},
    "P1D without 364 days": {
        "every": "P1D",
        "at": "02:30",
        "anchor": "1970-01-01",
        "exclude": ["* * * 2-12 *", "* * 2-31 * *"],
        **_BERLIN,
    },
    "P1D without its time": {
        "every": "P1D",
        "at": "02:30",
        "anchor": "1970-01-01",
        "exclude": ["30 2 * 1-11 *"],
        **_BERLIN,
    },
    "any of 50, fifty dense exclusions": {
        "any": [{"cron": f"{n} * * * * *", "timezone": "America/Santiago"} for n in range(50)],
        "exclude": [*_DENSE, "* 0-58 * * * *"],
        **_BERLIN,
    },
    "any of 50, fifty days": {
        "any": [{"cron": f"*/{n + 2} * * * *"} for n in range(50)],
        "exclude": _ODD_DAYS,
        **_BERLIN,
    },
    "any of 50 leap days": {"any": [{"cron": f"0 {n % 24} 29 2 *"} for n in range(50)], "exclude": ["* * * * TUE-SUN"]},
    "any of 50 last years": {"any": [{"cron": f"0 0 0 31 12 ? {2000 + 4 * n}"} for n in range(50)]},
    "any of 50 calendar intervals": {
        "any": [
            {"every": f"P{n + 1}{'DWMY'[n % 4]}", "at": f"{n % 24:02}:30", "anchor": "1972-02-29", "month_end": "skip"}
            for n in range(50)
        ],
        "exclude": _ODD_DAYS,
        "timezone": "Antarctica/Troll",
    },
    "any of 50 seconds": {
        "any": [{"every": f"PT{n + 1}S", "anchor": "1970-01-01T00:00:00Z"} for n in range(50)],
        "exclude": ["*/2 * * * * *"],
    },
    "fifty days": {"cron": "* * * * * *", "exclude": _ODD_DAYS, "timezone": "America/Santiago"},
    "all but one second": {"cron": "* * * * * *", "exclude": ["0-58 * * * * *", "59 1-59 * * * *", "59 0 1-23 * * *"]},
}
"""What people could save to hold the services up."""
