"""PURE. A task as an entry of a crontab, and what of a task a crontab can't say.

Above an entry stands `# tasker {…}` with the whole task, so that it is read back as it is; cron itself sees a comment.
"""

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any, Final, cast

from tasker_core.task_files.crontab.lines import MAX_LINE

MARK: Final = "tasker {"
"""How the comment begins that holds a task."""
_SAYABLE: Final = re.compile(r"(?:[0-9*][0-9*,/-]*\s+){3}[0-9A-Za-z*,/-]+\s+[0-9A-Za-z*,/-]+|@[a-z]+")
_BEYOND: Final = re.compile(r"(?:^|[\s,])[HLW](?![A-Z])|\d[LW]|\?|#|LW", re.IGNORECASE)
_MAX_CALL: Final = MAX_LINE - 1_000
"""So long a command leaves place for the times before it."""
_OPTIONS: Final = ("start", "end", "max_runs", "exclude", "spread")


def reason_for_no_entry(definition: Mapping[str, Any]) -> str | None:
    """Why a task can be no entry of a crontab; None when it can."""
    schedule: Mapping[str, Any] = definition["schedule"]
    if definition.get("paused"):
        return "it is paused"
    if (expression := schedule.get("cron")) is None:
        return f"its schedule is no cron expression ({', '.join(sorted(schedule))})"
    expression = _in_one_line(expression)
    if _SAYABLE.fullmatch(expression) is None or _BEYOND.search(expression):
        return f"a crontab knows no {expression!r}"
    given = [option for option in _OPTIONS if schedule.get(option)]
    return f"its schedule has {given[0]}" if given else None


def entry_lines(definition: Mapping[str, Any]) -> list[str]:
    """The lines of a task that can be an entry, below a setting of `CRON_TZ`."""
    described = [f"# {line}".rstrip() for line in str(definition.get("description") or "").splitlines()]
    whole = json.dumps(definition, ensure_ascii=True, separators=(",", ":"))
    times = _in_one_line(definition["schedule"]["cron"])
    return [*described, f"# {MARK[:-1]}{whole}", f"{times} {entry_command(definition)}"]


def entry_command(definition: Mapping[str, Any]) -> str:
    """What cron is to run for a task: a call of the same URL, else a trigger of the task; `%` as cron wants it.

    (A URL with control characters is none, but may stand in a task; no line can hold it, nor one that is too long.)
    """
    command = f"tasker tasks trigger {definition['id']}"
    url: Any = definition.get("payload")
    if isinstance(url, dict) and len(members := cast("dict[str, Any]", url)) == 1:
        url = members.get("url")
    if definition.get("handler") == "curl" and isinstance(url, str) and url.isprintable():
        call = f"curl -fsSL {shlex.quote(url)}".replace("%", "\\%")
        command = call if len(call) <= _MAX_CALL else command
    return command


def _in_one_line(expression: str) -> str:
    """An expression may have blanks of every kind between its fields, ends of lines too."""
    return " ".join(expression.split())
