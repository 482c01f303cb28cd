"""PURE. How results move a task on: to its newest run and its next time, and only forward.

A move is right in any order, by anybody, any number of times, so it needs no transaction: it is a conditional update.
"""

from dataclasses import dataclass
from typing import Any

from tasker_core.instant import to_ms
from tasker_log_sink.runs import rank
from tasker_log_sink.tasks import Document, Next


@dataclass(frozen=True, slots=True)
class Ran:
    """A run as it stands. Of two the later along (version, effective time, id) is shown, of one what it became."""

    place: list[Any]
    shown: Document

    @classmethod
    def of(cls, run: Document) -> "Ran":
        """What a task shows of the run of this document."""
        shown = {name: run[name] for name in ("state", "nominal_at", "effective_at", "finished_at", "version")}
        return cls([run["version"], to_ms(run["effective_at"]), run["_id"], rank(run)], {"run_id": run["_id"]} | shown)

    def apply(self, task: Document) -> None:
        """Show this run, unless a newer one is shown."""
        if self.place > task["last_of"]:
            task["last_of"], task["last_run"] = self.place, self.shown


@dataclass(frozen=True, slots=True)
class Move:
    """Where results have brought a task."""

    told: Next
    ran: Ran

    def joined(self, other: "Move") -> "Move":
        """Where both have brought it."""
        return Move(
            max(self.told, other.told, key=lambda told: told.place), max(self.ran, other.ran, key=lambda ran: ran.place)
        )

    def apply(self, task: Document) -> None:
        """Move on what is not there yet."""
        self.told.apply(task)
        self.ran.apply(task)

    def update(self, task_id: str) -> tuple[dict[str, Any], Document]:
        """The short way, (what must stand, what to set then): it matches where both parts move on, or stand already."""
        matching = {"_id": task_id, "next_of": {"$lte": self.told.place}, "last_of": {"$lte": self.ran.place}}
        fields = {
            "next_of": self.told.place,
            "next_at": self.told.next_at,
            "last_of": self.ran.place,
            "last_run": self.ran.shown,
        }
        return matching, fields
