"""PURE. How the log moves a task on: to its newest run, its next time and its end, and only forward.

A move is right in any order, by anybody, any number of times, so it needs no transaction: it is a conditional update.
"""

from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from tasker_core.time.instant import to_ms
from tasker_log_sink.projection.runs import rank
from tasker_log_sink.projection.tasks import Document, FinishedVersion, NextTime


class RunProgress(NamedTuple):
    """A run as it stands. Of two the later along (version, effective time, id) is shown, of one what it became.

    Not the whole run: as many as there are tasks may be kept for a while, and a result may be long.
    """

    run_id: str
    version: int
    effective_at: datetime
    nominal_at: datetime
    finished_at: datetime | None
    state: str
    come: int

    @classmethod
    def of(cls, run: Document) -> "RunProgress":
        """What a task shows of the run of this document."""
        places = (run["_id"], run["version"], run["effective_at"], run["nominal_at"], run["finished_at"], run["state"])
        return cls(*places, rank(run))

    @property
    def place(self) -> list[Any]:
        """Where it stands among the runs of its task."""
        return [self.version, to_ms(self.effective_at), self.run_id, self.come]

    def apply(self, task: Document) -> None:
        """Show this run, unless a newer one is shown."""
        if (place := self.place) > task["last_of"]:
            task["last_of"], task["last_run"] = place, self.shown()

    def shown(self) -> Document:
        """The field `last_run` of its task."""
        return {
            "run_id": self.run_id,
            "state": self.state,
            "nominal_at": self.nominal_at,
            "effective_at": self.effective_at,
            "finished_at": self.finished_at,
            "version": self.version,
        }


class TaskProgress(NamedTuple):
    """Where a task has come: what is next, its newest run, and the version under which nothing is left (0: none)."""

    told: NextTime | None = None
    ran: RunProgress | None = None
    finished: int = 0

    def joined(self, other: "TaskProgress") -> "TaskProgress":
        """Where both have brought it."""
        return TaskProgress(
            _further(self.told, other.told), _further(self.ran, other.ran), max(self.finished, other.finished)
        )

    def apply(self, task: Document) -> None:
        """Move on what is not there yet."""
        for part in (self.told, self.ran, FinishedVersion(self.finished) if self.finished else None):
            if part is not None:
                part.apply(task)

    def update(self, task_id: str) -> tuple[Document, Document]:
        """The short way, (what must stand, what to set then): it matches where every part moves on, or stands."""
        matching: Document = {"_id": task_id}
        fields: Document = {}
        if self.told is not None:
            matching["next_of"] = {"$lte": (place := self.told.place)}
            fields |= {"next_of": place, "next_at": self.told.next_at}
        if self.ran is not None:
            matching["last_of"] = {"$lte": (place := self.ran.place)}
            fields |= {"last_of": place, "last_run": self.ran.shown()}
        if self.finished:
            matching |= {"version": {"$lte": self.finished}, "finished_version": {"$lte": self.finished}}
            matching["state"] = {"$ne": "paused"}
            fields |= {"finished_version": self.finished, "state": "finished"}
        return matching, fields


Part = TypeVar("Part", NextTime, RunProgress)


def _further(one: Part | None, other: Part | None) -> Part | None:
    if one is None or other is None:
        return other if one is None else one
    return other if other.place > one.place else one
