"""PURE. What all parts of a judgement share: the window, the pieces of the tasks, the ledger and the findings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions
from tasker_cli.verify.judgement.findings import Findings
from tasker_cli.verify.judgement.run_ledger import RunLedger
from tasker_cli.verify.lives.due_pieces import Piece
from tasker_cli.verify.lives.partition_time import PartitionTime
from tasker_cli.verify.lives.task_life import TaskLife


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

    def __post_init__(self) -> None:
        size = 0
        for pieces in self.pieces.values():
            for piece in pieces:
                piece.base = size
                size += len(piece)
        self.ledger = RunLedger(size)

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
        definitions = (change.definition for change in self.lives[task_id].changes)
        return max((one.timeout for one in definitions if one is not None), default=None)

    def is_known(self, task_id: str, second: int) -> bool:
        """Whether the definition that stood in a second is known, or that there was none."""
        changes = self.lives[task_id].changes
        return bool(changes) and (changes[0].creates or changes[0].definition is None or second > changes[0].at)
