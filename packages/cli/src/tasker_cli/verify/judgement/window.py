"""PURE. What all parts of a judgement share: the window, the pieces of the tasks, the ledger and the findings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions
from tasker_cli.verify.instants import DAY
from tasker_cli.verify.judgement.findings import Findings
from tasker_cli.verify.judgement.run_ledger import FRESH, OLD, RunLedger
from tasker_cli.verify.lives.due_pieces import Piece
from tasker_cli.verify.lives.partition_time import PartitionTime
from tasker_cli.verify.lives.task_life import TaskLife

ENDLESS_SECONDS: Final = 120
"""So long a run may be shown as unfinished after its attempt has timed out, or its next one was due."""


@dataclass(slots=True)
class AuditedTasks:
    """Some tasks of one partition within the effective seconds [first, last].

    `late_ms`: how late a run may be, and how late it may be shown by the log; `strict`: outages excuse nothing; what
    was appended after `fresh_ms` need not be in the log yet.
    """

    first: int
    last: int
    late_ms: int
    fresh_ms: int
    lives: Mapping[str, TaskLife]
    pieces: Mapping[str, list[Piece]]
    time: PartitionTime
    calendars: CalendarVersions = field(default_factory=CalendarVersions)
    strict: bool = False
    findings: Findings = field(default_factory=Findings)
    ledger: RunLedger = field(init=False)
    settled_ms: int = field(init=False)
    """What was over before is told by everybody who has to tell of it."""
    _timeouts: dict[str, int | None] = field(default_factory=dict[str, int | None])

    def __post_init__(self) -> None:
        size = 0
        for pieces in self.pieces.values():
            for piece in pieces:
                piece.base = size
                size += len(piece)
        self.ledger = RunLedger(size)
        self.settled_ms = self.fresh_ms - ENDLESS_SECONDS * 1000

    def find(self, task_id: str, generation: int, nominal: int) -> tuple[Piece, int] | None:
        """The piece and the row of an occurrence; None for what is none. Generation 0 stands for any."""
        for piece in self.pieces.get(task_id, ()):
            if (piece.generation == generation or not generation) and (place := piece.index(nominal)) >= 0:
                return piece, place
        return None

    def may_be_late(self, effective: int) -> bool:
        """Whether there was, or may have been, an outage in an effective second."""
        return not self.strict and not self.time.was_on_time(effective)

    def timeout(self, task_id: str) -> int | None:
        """The longest time-out that a task has had, whether it was due then or not; None where none is known."""
        if task_id not in self._timeouts:
            definitions = (change.definition for change in self.lives[task_id].changes)
            known = [one.timeout for one in definitions if one is not None]
            self._timeouts[task_id] = max(known, default=None)
        return self._timeouts[task_id]

    def marks(self, task_id: str, appended_ms: int) -> int:
        """What the age of its emission says of a run.

        After a day no attempt starts any more, so nor do those in front of it: only one may be under way then.
        """
        if appended_ms > self.fresh_ms:
            return FRESH
        age_ms = self.settled_ms - appended_ms
        timeout = self.timeout(task_id) if age_ms > DAY * 1000 else None
        return OLD if timeout is not None and age_ms > (DAY + timeout) * 1000 else 0

    def may_come(self, task_id: str, effective: int) -> bool:
        """Whether the ticker had a task's part of an effective second before it yet when its watermark was read.

        That is read before all else: what came of the second may be in whatever was read later.
        """
        return effective > self.time.time or self.time.is_open(task_id, effective)

    def is_known(self, task_id: str, second: int) -> bool:
        """Whether the definition that stood in a second is known, or that there was none."""
        changes = self.lives[task_id].changes
        return bool(changes) and (changes[0].creates or changes[0].definition is None or second > changes[0].at)
