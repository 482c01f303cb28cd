"""PURE. Instants, states and values in the words and colours that people see."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from rich.text import Text

STYLES: Final = {
    "active": "green",
    "paused": "yellow",
    "finished": "dim",
    "succeeded": "green",
    "failed": "red",
    "cancelled": "yellow",
    "skipped": "yellow",
    "running": "cyan",
    "waiting": "cyan",
    "retrying": "yellow",
    "ran": "green",
    "missed": "red",
    "unaccounted": "red",
    "coming": "cyan",
    "pending": "cyan",
    "accepted": "green",
    "rejected": "red",
    "green": "green",
    "yellow": "yellow",
    "red": "red",
    "done": "green",
    "interrupted": "red",
    "changed": "green",
    "changed_meanwhile": "yellow",
    "create": "green",
    "change": "yellow",
    "invalid": "red",
}


def state(word: str | None) -> Text:
    """A state in its colour."""
    return Text(word or "", style=STYLES.get(word or "", ""))


def instant(text: str | None) -> str:
    """An RFC 3339 instant at the clock of this machine, with the name of its zone."""
    if text is None:
        return ""
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S %Z}"


def clock_time(text: str | None) -> str:
    """The same without the zone, for tables whose titles name it."""
    return "" if text is None else f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}"


def titled(title: str, texts: Iterable[str | None]) -> str:
    """The title of a column of such times, with their zone: `NEXT (CET)`."""
    zones = dict.fromkeys(f"{datetime.fromisoformat(text).astimezone():%Z}" for text in texts if text is not None)
    return f"{title} ({'/'.join(zones)})" if zones else title


def instant_ms(text: str | None) -> str:
    """The same with milliseconds."""
    if text is None:
        return ""
    local = datetime.fromisoformat(text).astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03} {local:%Z}"


def took(start: str | None, end: str | None) -> str:
    """How long something has taken: `340 ms`, `2.1 s`, `3 min 20 s`."""
    if start is None or end is None:
        return ""
    return duration((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def duration(seconds: float) -> str:
    """Seconds in the unit that fits."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def compact(value: Any, limit: int = 200) -> str:
    """A JSON value on one line, cut when it is long; a text without its quotes."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def count(number: int, noun: str) -> str:
    """`1 task`, `3 tasks`, `no tasks`."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
