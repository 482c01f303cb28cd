"""Lines that people paste where a cron expression is asked for: what was pasted, and the schedule in it.

Crontab lines with a zone, a comment, a user and a command; lines of YAML and of properties; annotations of Spring,
triggers of Jenkins; expressions of AWS EventBridge; quotes and characters of word processors; and calendar events of
systemd, which are only named. Read only once the expression itself has been refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from tasker_core.cron.dialect import ALIASES, check
from tasker_core.cron.field_values import FORMS, MONTH, WEEKDAY
from tasker_core.errors import MendableValue
from tasker_core.time.zone_names import zone_names
from tasker_core.time.zones import zone

_MAX_LENGTH: Final = 4096
_QUOTES: Final = "'\"`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u00b4"
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
_LOOKALIKES: Final = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u2217\u204e\uff0a\u066d", "*"),
        **dict.fromkeys("\u2044\u2215\uff0f", "/"),
        "\uff0c": ",",
        "\uff1f": "?",
    }
)
_ZONE: Final = re.compile(r"(CRON_TZ|TZ)\s*=\s*([^\s;]+)[\s;]+(?=\S)", re.IGNORECASE)
_KEY: Final = re.compile(
    r"(?:-\s*)?[\"']?(?!CRON_TZ)([\w.-]*(?:cron|schedule|expression)[\w.-]*)[\"']?\s*[:=]\s*(?=\S)",
    re.IGNORECASE,
)
_SPRING: Final = re.compile(r"@Scheduled\s*\((.*)\)", re.IGNORECASE)
_SPRING_PART: Final = re.compile(r"(cron|zone)\s*=\s*\"([^\"]*)\"", re.IGNORECASE)
_SPRING_RATE: Final = re.compile(r"fixedRate\s*=\s*([0-9]{1,9})000\s*", re.IGNORECASE)
_JENKINS: Final = re.compile(r"(?:triggers\s*\{\s*)?cron\s*\(\s*(['\"])(.*)\1\s*\)[\s}]*", re.IGNORECASE)
_SYSTEMD: Final = re.compile(
    r"OnCalendar\s*=.*|(?:\S+\s+)?\*-\S+-\S+.*|[a-z]{3,9}\.\.[a-z]{3,9}\b.*"
    r"|minutely|hourly|daily|weekly|monthly|quarterly|semiannually|yearly|annually",
    re.IGNORECASE,
)
_ASSIGNMENT: Final = re.compile(r"\s*\w+\s*=\s*(?:[^\s'\"]*|\"[^\"]*\"|'[^']*')\s*")
_COMMENT: Final = re.compile(r"\s+#.*")
_AWS: Final = re.compile(r"(cron|rate)\s*\((.*)\)", re.IGNORECASE)
_RATE: Final = re.compile(r"(?:every\s+)?([0-9]{1,6})?\s*(second|minute|hour|day|week)s?", re.IGNORECASE)
_GO_EVERY: Final = re.compile(r"@every\s+(?=[0-9])(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?")
_FIELD: Final = re.compile(f"(?:[0-9*,/?#()LWH-]|{'|'.join([*WEEKDAY.names, *MONTH.names])})+", re.IGNORECASE)
_COMMAND: Final = re.compile(r"[/~.\[$({]|[A-Za-z_][\w.-]*")
_SHELL_LIKE: Final = re.compile(r"[/._$&|>=:'\"]|--?[A-Za-z]|(?:echo|mail|date|sync|reboot|run-parts)\Z")
_USER: Final = re.compile(
    r"(?!(?:cd|test|env|nice|sh|bash|python3?|php|perl|ruby|node|source|exec)\Z)[a-z_][a-z0-9_-]*\Z"
)
_PERIODS: Final = {"second": "PT{}S", "minute": "PT{}M", "hour": "PT{}H", "day": "P{}D", "week": "P{}W"}
_CRON_FIELDS: Final = ("timezone", "gap", "fold")
_SHOWN: Final = 60


@dataclass
class _Reading:
    """What is left of a line, what was taken off it, and what else the schedule is to have."""

    text: str
    found: list[str] = field(default_factory=list[str])
    timezone: str | None = None
    every: str | None = None

    def take(self, what: str, text: str) -> None:
        """Say what was there beside the expression, of which `text` is left."""
        self.found.append(what)
        self.text = text.strip()


def pasted_line(text: str) -> ValueError | None:
    """What was pasted instead of an expression; None when nothing is known of it.

    A MendableValue when there is a valid schedule in it, else a ValueError that tells what is wrong with the rest.
    """
    if len(text) > _MAX_LENGTH:
        return None
    try:
        reading = _Reading(_single_line(text))
        for take_off in _STEPS:
            take_off(reading)
    except ValueError as error:
        return error
    if not reading.found:
        return None
    pasted = ", ".join(dict.fromkeys(reading.found))
    if reading.every:
        mended: Mapping[str, JsonValue] = {"cron": None, **dict.fromkeys(_CRON_FIELDS), "every": reading.every}
        return MendableValue(f'this is {pasted}: an interval, {{"every": "{reading.every}"}}', mended)
    pasted = f"this is more than an expression: it has {pasted}"
    try:
        check(reading.text)
    except ValueError as error:
        return ValueError(f"{pasted}. In the rest, {_short(reading.text)}: {error}")
    in_zone = f" in the time zone {reading.timezone}" if reading.timezone else ""
    mended = {"cron": reading.text, **({"timezone": reading.timezone} if reading.timezone else {})}
    return MendableValue(f"{pasted}. The expression is {reading.text!r}{in_zone}", mended)


def _single_line(text: str) -> str:
    """The only entry of what may be several lines, with a time zone set before it. Raises ValueError for several."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    entries = [line for line in lines if not _ASSIGNMENT.fullmatch(line)]
    if lines and not entries and not any(_KEY.match(line.strip()) or _SYSTEMD.match(line.strip()) for line in lines):
        raise ValueError("this sets a variable of a crontab; paste the line with the fields, too")
    if len(entries) > 1 and all(len(line.split()) >= min(FORMS) or "@" in line for line in entries):
        raise ValueError(f"these are {len(entries)} lines: make a task of each, or give them as the members of any")
    zones = [line for line in lines if line not in entries and _ZONE.match(f"{line.strip()} -")]
    return " ".join([*zones, *entries]) if entries else text


def _characters(reading: _Reading) -> None:
    text = reading.text.translate(_INVISIBLE)
    if text != reading.text:
        reading.take("invisible characters", text)
    text = text.translate(_LOOKALIKES).replace("\\*", "*")
    if text != reading.text:
        reading.take("characters that only look like those of an expression", text)
    reading.text = " ".join(text.split())


def _quotes(reading: _Reading) -> None:
    """Those around the text, or one that is left over; a command keeps its own."""
    text = reading.text
    if text[:1] in _QUOTES:
        bare = text.rstrip(",;").strip().strip(_QUOTES)
    else:
        bare = text[:-1] if text[-1:] in _QUOTES and text.count(text[-1]) == 1 else text
    if bare != text:
        reading.take("quotes around it", bare)


def _other_notation(reading: _Reading) -> None:
    """Calls and annotations with an expression in them. Raises ValueError for what has none."""
    if _SYSTEMD.fullmatch(reading.text):
        raise ValueError(
            "this is a calendar event of systemd, which has a notation of its own; as cron, daily is @daily, and "
            "Mon..Fri 09:00 is 0 9 * * MON-FRI"
        )
    if match := _JENKINS.fullmatch(reading.text):
        reading.take("a trigger of Jenkins", match[2])
        return
    if not (match := _SPRING.fullmatch(reading.text)):
        return
    parts = {name.lower(): value for name, value in _SPRING_PART.findall(match[1])}
    if "cron" not in parts:
        rate = _SPRING_RATE.fullmatch(match[1])
        every = f"PT{int(rate[1])}S" if rate else "PT15M"
        raise ValueError(f'an annotation of Spring without cron; use an interval such as {{"every": "{every}"}}')
    reading.take("an annotation of Spring", parts["cron"])
    reading.timezone = _known_zone(parts["zone"]) if "zone" in parts else None


def _key(reading: _Reading) -> None:
    if match := _KEY.match(reading.text):
        reading.take(f"the key {match[1]!r}", reading.text[match.end() :])


def _zone(reading: _Reading) -> None:
    if match := _ZONE.match(reading.text):
        reading.timezone = _known_zone(match[2].strip(_QUOTES))
        reading.take(f"the time zone {match[0].strip()!r}, which belongs into timezone", reading.text[match.end() :])


def _known_zone(name: str) -> str:
    """The name as it is meant. Raises ValueError when no zone is."""
    try:
        return zone(name).key
    except MendableValue as error:
        return str(error.mended["timezone"])


def _zone_behind(reading: _Reading) -> None:
    """The name of a zone where others have a command, or a seventh field."""
    text, _, name = reading.text.rpartition(" ")
    if len(text.split()) in FORMS and ("/" in name or name in ("UTC", "GMT")) and name in zone_names():
        reading.timezone = name
        reading.take(f"the time zone {name!r}, which belongs into timezone", text)


def _comment(reading: _Reading) -> None:
    if match := _COMMENT.search(reading.text):
        reading.take(f"the comment {_short(match[0].strip())}", reading.text[: match.start()])


def _aws(reading: _Reading) -> None:
    """EventBridge: minutes first, the year last, weekdays from 1 = Sunday, and its own rates."""
    match = _AWS.fullmatch(reading.text)
    fields = (match[2] if match else reading.text).split()
    if match and match[1].lower() == "rate":
        _interval(reading, match[2], "a rate of AWS EventBridge")
    elif len(fields) == 6 and (match or "?" in (fields[2], fields[4])):  # no place for it where seconds come first
        minute, hour, day, month, weekday, year = fields
        named = [minute, hour, day, month, _counted_from_sunday_one(weekday)]
        times = ["0", *named, year] if year != "*" else named
        reading.take("the form of AWS EventBridge (the year last, weekdays counted from 1 = Sunday)", "")
        reading.text = " ".join("*" if part == "?" else part for part in times)


def _counted_from_sunday_one(weekday: str) -> str:
    """Weekdays by name, as their numbers are others here; `2/2` goes on to Saturday there, to Sunday here."""
    weekday = re.sub(r"(?<![\w#-])([1-7]|[A-Za-z]{3})/", r"\1-7/", weekday)
    return re.sub(r"(?<![#/\w])[1-7](?!\w)|(?<![#/\w])[1-7](?=[L#])", lambda m: WEEKDAY.names[int(m[0]) - 1], weekday)


def _period(reading: _Reading) -> None:
    if reading.text.lower().startswith("every "):
        _interval(reading, reading.text, "said in words")
    elif match := _GO_EVERY.fullmatch(reading.text.lower()):
        hours, minutes, seconds = match.groups()
        parts = [f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n]
        reading.every = "PT" + "".join(parts)
        reading.found.append("@every")


def _interval(reading: _Reading, text: str, what: str) -> None:
    if match := _RATE.fullmatch(text.strip()):
        reading.every = _PERIODS[match[2].lower()].format(int(match[1] or 1))
        reading.found.append(what)


def _command(reading: _Reading) -> None:
    """What stands behind the fields of a crontab's line: a command, of a user's in the crontab of the system."""
    words = reading.text.split()
    if words and words[0].lower() in ALIASES:
        count = 1
    else:
        count = next((at for at, word in enumerate(words) if not _FIELD.fullmatch(word)), len(words))
    rest = words[count:]
    if not rest or not _COMMAND.match(rest[0]) or (count != 1 and count not in FORMS):
        return
    if not any(_SHELL_LIKE.search(word) for word in rest):
        return  # rather misspelled weekdays
    has_user = len(rest) > 1 and _USER.match(rest[0]) and (rest[0] == "root" or rest[1][0] in "/~.[$({")
    what = "user and the command" if has_user else "command"
    reading.take(f"the {what} {_short(' '.join(rest))}", " ".join(words[:count]))


_STEPS: Final = (
    *(_characters, _quotes, _other_notation, _key, _quotes, _zone, _comment, _quotes),
    *(_zone_behind, _aws, _period, _command),
)


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
