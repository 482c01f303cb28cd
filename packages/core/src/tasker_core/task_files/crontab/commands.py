"""PURE. What stands behind the times of an entry: the user, flags of cron, the command and its standard input."""

import re
from dataclasses import dataclass
from typing import Final

from tasker_core.task_files.crontab.options import CrontabForm

_PERCENT: Final = re.compile(r"\\%|%")
_FLAGS: Final = re.compile(r"(?:-[nqs]++\s++)++")
"""FreeBSD's and OpenBSD's: no mail on success, not in the log, one at a time."""
_ANOTHER_FIELD: Final = re.compile(r"[0-9*][0-9*,/-]*(?:\s|\Z)")


@dataclass(frozen=True, slots=True)
class CronCommand:
    """What cron gives to the shell, by crontab(5). `user` is there in the form of the system alone."""

    text: str
    stdin: str | None = None
    user: str | None = None
    flags: str = ""


def command_of(rest: str, form: CrontabForm) -> CronCommand:
    """The command behind the times. Raises ValueError."""
    if _ANOTHER_FIELD.match(rest):
        raise ValueError(f"has a sixth field {rest.split()[0][:20]!r}: a crontab has five, the first one is the minute")
    user = None
    if form == "system":
        user, rest = (*rest.split(maxsplit=1), "")[:2]
        if not rest:
            raise ValueError(
                f"has only {user[:60]!r} behind the times, no user and command: is it the crontab of a user?"
            )
    flags = found[0] if (found := _FLAGS.match(rest)) else ""
    command, stdin = _split_input(rest[len(flags) :])
    if not command.strip():
        raise ValueError("has no command")
    return CronCommand(command.strip(), stdin, user, " ".join(flags.split()))


def _split_input(text: str) -> tuple[str, str | None]:
    r"""Up to the first `%` it is the command, behind it its standard input, each `%` a line's end; `\%` is a `%`."""
    command, begin, stdin = list[str](), 0, list[str]()
    part = command
    for found in _PERCENT.finditer(text):
        part.append(text[begin : found.start()])
        begin = found.end()
        if found[0] == "\\%":
            part.append("%")
        elif part is command:
            part = stdin
        else:
            part.append("\n")
    part.append(text[begin:])
    return "".join(command), "".join(stdin) if part is stdin else None
