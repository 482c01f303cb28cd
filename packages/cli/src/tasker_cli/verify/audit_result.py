"""PURE. What is audited, and what comes of it."""

from dataclasses import dataclass
from typing import Final

from tasker_cli.verify.findings import Findings

SETTLED_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class AuditScope:
    """What to judge: the tasks whose id begins with `task_prefix`, in the last `since_seconds` (None: in their life).

    `late_ms` is how late a run may be, and how late it may be shown by the log. The newest second that is judged lies
    `settled_seconds` back: what is in time is there by then, and logged.
    """

    task_prefix: str
    since_seconds: int | None
    late_ms: int
    settled_seconds: int = SETTLED_SECONDS


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What was judged: the tasks, those under the prefix that can't be with the reason, and the window of seconds.

    `unreadable` records under the prefix were left out, `first_unreadable` says where one is.
    """

    tasks: list[str]
    unfit: dict[str, str]
    first: int
    last: int
    findings: Findings
    unreadable: int = 0
    first_unreadable: str | None = None
