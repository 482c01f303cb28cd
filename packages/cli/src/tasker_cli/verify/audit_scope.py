"""PURE. What is audited."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions
from tasker_cli.verify.judgement.findings import Findings

SETTLED_SECONDS: Final = 15
MAX_ROWS: Final = 8_000_000
"""Occurrences that are judged together: some 32 bytes each, and as much again for their times."""


@dataclass(frozen=True, slots=True)
class AuditScope:
    """What to judge: the tasks whose id begins with `task_prefix`, in the effective seconds from `begin` to `end`.

    `begin` None: all that the topics hold. `end` None: up to what must be logged by now: `settled_seconds` ago.
    `late_ms` is how late a run may be, and how late it may be shown by the log; `strict`: outages excuse nothing.
    """

    task_prefix: str = ""
    begin: int | None = None
    end: int | None = None
    late_ms: int = 10_000
    settled_seconds: int = SETTLED_SECONDS
    strict: bool = False
    max_rows: int = MAX_ROWS


@dataclass(frozen=True, slots=True)
class PartitionScope:
    """One partition of it: its number, how many there are under each topic prefix (the newest last), and the window.

    `begin` None: from the first change of each task on. `standing`: the ids of tasks that are there now. `fresh_ms`:
    what was appended later need not be logged yet.
    """

    scope: AuditScope
    partition: int
    prefixes: tuple[tuple[str, int], ...]
    begin: int | None
    end: int
    fresh_ms: int
    standing: tuple[str, ...]
    calendars: CalendarVersions

    def places(self) -> Iterator[tuple[str, int]]:
        """Prefix and partition of each topic that may hold records of this partition's tasks.

        Of a migration's source, with another number of partitions, it is one where the newest number is a multiple.
        """
        newest = self.prefixes[-1][1]
        for prefix, number in self.prefixes:
            for partition in [self.partition % number] if newest % number == 0 else range(number):
                yield prefix, partition


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What was judged: how many tasks, the first and last of their ids, and the window of effective seconds.

    `unreadable` records were left out, `first_unreadable` says where one is; `not_read`: what else could not be read,
    and why.
    """

    findings: Findings
    tasks: int
    first_task: str
    last_task: str
    first: int
    last: int
    unreadable: int
    first_unreadable: str
    not_read: tuple[str, ...] = ()
