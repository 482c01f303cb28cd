"""PURE. What a line of a crontab is, by crontab(5): a comment, a setting of a variable, or an entry.

Blanks before it do not count. A name before `=` has no blank in it, so that `0 5 * * * A=b c` is an entry.
"""

import re
from dataclasses import dataclass
from typing import Final

MAX_LINE: Final = 8_192
"""So many characters has a line at most that is no comment; the crons of most systems take commands of 1,000."""
_NAME: Final = re.compile(r"(?:\"([^\"]*)\"|'([^']*)'|([^\s=\"'#@*][^\s=]*+))\s*+=")
_ZONE_BEFORE: Final = re.compile(r"(?:CRON_TZ|TZ)=(\S+)\s+((?:@\w+|\S+(?:\s+\S+){4})\s+\S.*)")
_NICKNAME: Final = re.compile(r"(@every(?!_)\s+\S+|@\S*)(?:\s+(.*))?", re.DOTALL)
_FIVE_FIELDS: Final = re.compile(r"(\S+\s+\S+\s+\S+\s+\S+\s+\S+)(?:\s+(.*))?", re.DOTALL)
_ENTRY_LIKE: Final = re.compile(r"(?:@[a-z_]+|(?:[0-9*][\w*,/~-]*\s+){2}(?:[\w*?][\w*,/~#-]*\s+){3})\s*\S")
_LEGEND: Final = re.compile(r"m(?:in(?:ute)?)?\s+h(?:our)?\s+d(?:om|ay)?.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Comment:
    """What stands behind `#`; empty for a blank line. `ends`: it is not about the entry below, nor is what is above."""

    text: str
    ends: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """`NAME=value`; quotes around the value are gone."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class EntryText:
    """The times (five fields, or a nickname), and what stands behind them.

    `timezone`: as it is set in the same line. `is_quiet`: a `-` before it keeps it out of the system's log (cronie).
    """

    times: str
    rest: str
    timezone: str | None = None
    is_quiet: bool = False


def line_content(line: str) -> Comment | Setting | EntryText:
    """What a line is. Raises ValueError when it is none of them."""
    text = line.strip(" \t\f\v")
    if not text:
        return Comment("", ends=True)
    if text.startswith("#"):
        comment = text.lstrip("#").strip()
        ends = _LEGEND.fullmatch(comment) is not None or _ENTRY_LIKE.match(comment) is not None
        return Comment(comment, ends=ends or not any(map(str.isalnum, comment)))
    if len(text) > MAX_LINE:
        raise ValueError(f"is longer than {MAX_LINE:,} characters: put the command into a script, and call that")
    if before := _ZONE_BEFORE.fullmatch(text):
        return _entry(before[2], timezone=before[1].strip("\"'"))
    if name := _NAME.match(text):
        return Setting(name[1] or name[2] or name[3] or "", _unquoted(text[name.end() :].strip()))
    if text.startswith("-"):
        return _entry(text[1:].lstrip(), is_quiet=True)
    return _entry(text)


def _entry(text: str, timezone: str | None = None, *, is_quiet: bool = False) -> EntryText:
    found = (_NICKNAME if text.startswith("@") else _FIVE_FIELDS).fullmatch(text)
    if found is None:
        raise ValueError(
            "is neither a comment (#), nor NAME=value, nor an entry of five fields (minute hour day-of-month month "
            "weekday) and a command"
        )
    if not (rest := found[2] or ""):
        raise ValueError(f"has the times {found[1][:60]!r} and no command behind them")
    return EntryText(" ".join(found[1].split()), rest, timezone, is_quiet)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
