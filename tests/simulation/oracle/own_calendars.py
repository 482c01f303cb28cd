"""The oracle's model of the calendars whose names belong to one partition: which events change them, and how."""

from dataclasses import dataclass
from typing import Any

from tests.simulation.limits import RECENT_EVENTS
from tests.simulation.oracle.committed_log import CommittedBatch, LoggedEvent
from tests.simulation.oracle.expected_verdicts import ACCEPTED, is_malformed
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.reference_calendar import second

Body = dict[str, Any]
CALENDARS = Invariant.CALENDARS


@dataclass(slots=True)
class OwnCalendar:
    """One calendar, or what is remembered of it (`days` None) when it is deleted."""

    version: int
    days: list[str] | None
    since: int
    changed: tuple[int, int, int]
    recent: list[str]


class OwnCalendars:
    """Those of one partition, and what it must write of them to the topic `calendars` in the current batch."""

    def __init__(self) -> None:
        self.by_name: dict[str, OwnCalendar] = {}
        self._written: list[tuple[str, Body | None]] = []

    def expected_verdict(self, event: LoggedEvent) -> tuple[str, str]:
        """Which answer an event about a calendar must get, and why."""
        body, known = event.body or {}, self.by_name.get(event.task_id)
        if is_malformed(event):
            return "rejected", "it breaks the contract"
        if known is not None and event.id in known.recent:
            return "superseded", "a repeat"
        if known is not None and event.forwarded and event.append < known.changed:
            return "superseded", "older than the last change"
        version = known.version if known is not None and known.days is not None else 0
        if body.get("if_version") not in (None, version):
            return "rejected", "the version is another one"
        return ("rejected", "there is none") if isinstance(body["calendar"], str) and not version else ACCEPTED

    def change(self, event: LoggedEvent, verdict: Body, at: int) -> None:
        """Carry out an event that was accepted."""
        name, given, version = event.task_id, (event.body or {})["calendar"], event.offset + 1
        known = self.by_name.get(name)
        days = None if isinstance(given, str) else sorted(set(given["days"]))
        recent = [*(known.recent if known else [])[1 - RECENT_EVENTS :], event.id]
        self.by_name[name] = OwnCalendar(version, days, at, event.append, recent)
        told: Body = verdict.get("calendar") or {}
        said = told.get("days", [])
        right = verdict["version"] == version and said == (days or [])
        require(right, Invariant.ONE_VERDICT, f"{verdict}, though {given} is version {version}")
        self._written.append((name, None if days is None else {"version": version, "days": days, "since": at}))

    def check_batch(self, batch: CommittedBatch) -> None:
        """The topic `calendars` says what was answered, and nothing else."""
        said = [(name, None if body is None else _told(body)) for name, body in batch.calendars]
        require(said == self._written, CALENDARS, f"the topic says {said}, not {self._written}")
        self._written.clear()


def _told(body: Body) -> Body:
    return {"version": body["version"], "days": body.get("days", []), "since": second(body["effective_from"])}
