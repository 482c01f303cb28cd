"""PURE. The life of a task as its verdicts tell it, in their order."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tasker_cli.verify.instants import epoch_second
from tasker_cli.verify.lives.definition import AuditedDefinition, definition_of
from tasker_cli.verify.reading.records import VerdictRecord

CHANGES: Final = frozenset({"put", "delete", "pause", "resume", "outcome"})
"""The events that may change when a task is due; `outcome`: the failure that pauses it."""
CALENDAR_CHANGED: Final = "calendar"
"""The event type of a change that another version of a calendar makes."""
STARTS: Final = frozenset({"trigger", "chain"})


class Change(NamedTuple):
    """From a second on another definition holds, or none (deleted). `creates`: there was no such task before."""

    at: int
    definition: AuditedDefinition | None
    generation: int
    event_type: str
    creates: bool = False


class MissedVerdict(NamedTuple):
    """Nominal seconds, closed, that are recorded as missed, when (epoch ms), and the definition that stood then."""

    first: int
    last: int
    reason: str
    generation: int
    appended_ms: int
    definition: AuditedDefinition | None


class EndedRun(NamedTuple):
    """A run that the ticker itself ended, and how."""

    run_id: str
    kind: str
    nominal: int
    generation: int
    outcome: str


class RequestedRun(NamedTuple):
    """A run that an accepted event started, and the second from which it is due."""

    run_id: str
    second: int


@dataclass(slots=True)
class Backfill:
    """An accepted backfill: its event, the definition that stood, and, when it has ended, how and after how many runs.

    `first`, `last` are the bounds of what it runs, closed, or `times` are its nominal times; both absent where its
    event is not kept any more.
    """

    event_id: str
    at: int
    generation: int
    definition: AuditedDefinition | None
    ended: str | None = None
    ended_at: int = 0
    runs: int = 0
    bounds: tuple[int, int] | None = None
    times: tuple[int, ...] | None = None


@dataclass(slots=True)
class TaskLife:
    """One task."""

    task_id: str
    changes: list[Change] = field(default_factory=list[Change])
    missed: list[MissedVerdict] = field(default_factory=list[MissedVerdict])
    ended: list[EndedRun] = field(default_factory=list[EndedRun])
    requested: list[RequestedRun] = field(default_factory=list[RequestedRun])
    backfills: dict[str, Backfill] = field(default_factory=dict[str, Backfill])
    finished: bool = False
    """Its last definition has no occurrence left."""

    @property
    def standing(self) -> AuditedDefinition | None:
        """The definition that stands, None when it is deleted or not known."""
        return self.changes[-1].definition if self.changes else None

    @property
    def ever_queues(self) -> bool:
        """Whether a run may have to wait for another one, under one of its definitions."""
        return any(one.definition is not None and one.definition.queues for one in self.changes)

    def apply(self, record: VerdictRecord, appended_ms: int) -> None:
        """Apply one record of `verdicts`. Raises ValueError, KeyError, TypeError."""
        match record.type:
            case "verdict" if record.verdict == "accepted":
                self._apply_verdict(record)
            case "missed":
                first, last = epoch_second(record.from_), epoch_second(record.to)
                generation = record.generation or 0
                found = MissedVerdict(first, last, record.reason, generation, appended_ms, self.standing)
                self.missed.append(found)
            case "ended":
                nominal = epoch_second(record.nominal_at)
                self.ended.append(
                    EndedRun(record.run_id or "", record.kind, nominal, record.generation or 0, record.outcome)
                )
            case "backfill.ended" if (backfill := self.backfills.get(record.event_id)) is not None:
                backfill.ended, backfill.ended_at, backfill.runs = record.reason, appended_ms // 1000, record.runs
            case "rescheduled":
                at, definition = epoch_second(record.effective_from or ""), _definition(record)
                self.changes.append(Change(at, definition, record.generation or 0, CALENDAR_CHANGED))
            case "finished":
                self.finished = True
            case "removed":  # it was over long before
                at = appended_ms // 1000 if record.removed_at is None else epoch_second(record.removed_at)
                self.changes.append(Change(at, None, record.generation or 0, "removed"))
            case _:
                pass  # rejected and superseded events change nothing

    def _apply_verdict(self, record: VerdictRecord) -> None:
        if record.effective_from is None:
            return
        at, generation = epoch_second(record.effective_from), record.generation or 0
        if record.event_type in STARTS and record.run_id is not None:
            self.requested.append(RequestedRun(record.run_id, at))
        elif record.event_type == "backfill":
            definition = None if record.task is None else _definition(record)
            self.backfills[record.event_id] = Backfill(record.event_id, at, generation, definition)
        elif record.event_type == "delete":
            self.changes.append(Change(at, None, generation, "delete"))
        elif record.event_type in CHANGES and record.task is not None:
            definition = _definition(record)
            creates = record.version == record.generation
            self.finished = False
            self.changes.append(Change(at, definition, generation, record.event_type, creates))


def _definition(record: VerdictRecord) -> AuditedDefinition:
    """The task that a record states. Raises ValueError, KeyError, TypeError."""
    return definition_of(record.task or {}, record.version or 0, record.calendars)
