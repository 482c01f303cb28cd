"""Each task is under the versions of its calendars that it was told to be under, and comes under newer ones in time."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from tasker_cli.verify.enumeration.calendar_versions import EXCLUDED, REQUIRED
from tests.simulation.oracle.calendar_timeline import CalendarTimeline, ToldCalendar
from tests.simulation.oracle.committed_log import CommittedBatch, LoggedEvent
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.own_calendars import OwnCalendars
from tests.simulation.oracle.reference_calendar import FAR, second
from tests.simulation.oracle.task_model import TaskModel

Body = dict[str, Any]
CALENDARS = Invariant.CALENDARS
LIVE_SECONDS = 10
SETTLED_SECONDS = 5


def calendar_names(schedule: Mapping[str, Any]) -> list[str]:
    """The calendars that a schedule names."""
    return [*schedule.get(EXCLUDED, ()), *schedule.get(REQUIRED, ())]


class CalendarCheck:
    """That of the tasks of one partition. `own`: the calendars of its own names.

    `exact`: every process could read calendars all the time, and no answer was slow. `behind_ms`: how far clocks were
    set back.
    """

    def __init__(
        self, partition: int, home: Mapping[str, int], timeline: CalendarTimeline, behind_ms: int, *, exact: bool
    ) -> None:
        self._partition, self._home, self._timeline = partition, home, timeline
        self._behind_ms, self._exact = behind_ms, exact
        self.own = OwnCalendars()
        self._before: CommittedBatch | None = None
        self._batch: CommittedBatch | None = None
        self._fenced_ms = 0

    def begin(self, batch: CommittedBatch, fenced_ms: int) -> None:
        """Look at the next batch, whose owner began at an instant."""
        self._before, self._batch, self._fenced_ms = self._batch, batch, fenced_ms

    def unknown_in(self, verdict: Body) -> bool:
        """Whether a put is answered that it names a calendar which there is not."""
        pointers = [error["pointer"] for error in verdict.get("errors", ())]
        return any(pointer.startswith((f"/schedule/{EXCLUDED}/", f"/schedule/{REQUIRED}/")) for pointer in pointers)

    def check_unknown(self, event: LoggedEvent, verdict: Body, model: TaskModel | None) -> None:
        """A put is refused for a calendar only if there is none. The topic is read once more before that is said."""
        schedule = (event.body or {})["task"]["schedule"]
        for error in verdict["errors"]:
            name = schedule[error["pointer"].split("/")[2]][int(error["pointer"].split("/")[3])]
            detail = f"{event.body} at {event.ms} is refused: {error}"
            require(model is None or name not in model.versions, CALENDARS, detail)
            if self._home[name] == self._partition:
                there = name in self.own.by_name and self.own.by_name[name].days is not None
            else:
                seen = self._timeline.between(name, event.ms, self._now)
                there = self._exact and all(told is not None and told.version is not None for told in seen)
            require(not there, CALENDARS, f"{detail}, though it is there")

    def candidates(self, event: LoggedEvent, model: TaskModel | None, at: int) -> Iterator[dict[str, int]]:
        """Under which versions a task may be after a put that takes effect at a second."""
        names = calendar_names((event.body or {})["task"]["schedule"])
        under = model.versions if model else {}
        yield from (
            dict(zip(names, one, strict=True))
            for one in product(*(self._versions(name, under.get(name), event, at) for name in names))
        )

    def _versions(self, name: str, under: int | None, event: LoggedEvent, at: int) -> set[int]:
        kept = set[int]() if under is None else {under}
        if self._home[name] == self._partition:
            own = self.own.by_name.get(name)
            return kept if own is None or own.days is None else {own.version}
        found = set[int]()
        for told in self._timeline.may_know(name, event.ms, self._now):
            if (
                told is None
                or told.version is None
                or (under is not None and (told.since > at or told.version < under))
            ):
                found |= kept
            else:
                found.add(told.version)
        return found

    @property
    def _now(self) -> int:
        return self._batch.ms if self._batch else 0

    def hand_over(self, record: Body, task: TaskModel | None, earlier: int, batch: CommittedBatch) -> int:
        """A task was handed over, as it was told; returns since when."""
        detail, at = f"{record} in the batch of {batch.time} after {earlier}", second(record["since"])
        same = task is not None and (task.generation, task.version) == (record["generation"], record["version"])
        require(same, CALENDARS, f"{detail}, but the task is {task}")
        assert task is not None
        name, version = record["calendar"], record["calendar_version"]
        told = self._timeline.find(name, version)
        require(version > task.versions.get(name, FAR), CALENDARS, f"{detail}: it was under {task.versions}")
        require(told is not None and told.ms <= batch.ms, CALENDARS, f"{detail}: that is not said")
        assert told is not None
        own = self.own.by_name.get(name) if self._home[name] == self._partition else None
        known = own is None or (own.version, own.days is None) == (version, False)
        require(known, CALENDARS, f"{detail}: it is {own}")
        in_time = earlier <= at <= batch.time and at >= told.since and record["effective_from"] == record["since"]
        require(in_time, CALENDARS, f"{detail}: it holds since {told.since}")
        versions = task.versions | {name: version}
        require(record["calendars"] == versions, CALENDARS, f"{detail}: it is under {versions}")
        finished = task.finished is not None
        self.check_not_carried(task, at)
        task.hand_over(versions, at)
        next_at = record.get("next_at")
        none = task.paused or finished
        right = next_at is None if none else task.calendar.is_next(at, task.decided, next_at)
        require(right, Invariant.NEXT_TIME, detail)
        decided = -FAR if record.get("after_nominal") is None else second(record["after_nominal"])
        require(decided == task.decided, CALENDARS, f"{detail}: dealt with was {task.decided}")
        return at

    def check_not_carried(self, task: TaskModel, to: int) -> None:
        """Nothing late is decided by days that were known to hold no more: that a task was under up to a second."""
        before, batch = self._before, self._batch
        if before is None or batch is None:
            return
        built = (max(before.ms, self._fenced_ms) - self._behind_ms) // 1000
        for name, under in task.versions.items():
            begin = max(before.deciding, self._known_since(name, under, before, batch))
            late = to > begin and begin < built - LIVE_SECONDS - 1
            detail = f"{task.task_id} is decided from {begin} to {to} under {name}/{under} in the batch after {built}"
            require(not late, CALENDARS, detail)

    def _known_since(self, name: str, under: int, before: CommittedBatch, batch: CommittedBatch) -> int:
        """Since when a newer version held that is surely known; FAR when there is none."""
        if self._home[name] == self._partition:
            own = self.own.by_name.get(name)
            return FAR if own is None or own.days is None or own.version <= under else own.since
        seen = self._timeline.between(name, self._fenced_ms, batch.ms)
        if not self._exact or before.epoch == batch.epoch or len(seen) > 1:
            return FAR
        return _since(seen[0], under)

    def check_end(self, tasks: Iterable[TaskModel], kept: set[str], last: CommittedBatch) -> None:
        """In the end each task is under the newest versions of its calendars, whose days are `kept`, and no others."""
        for task in tasks:
            self._check_newest(task, last)
        used = {f"{name}/{version}" for task in tasks for name, version in task.versions.items()}
        require(kept == used, CALENDARS, f"partition {self._partition} keeps the days of {kept}, not {used}")

    def _check_newest(self, task: TaskModel, last: CommittedBatch) -> None:
        require(
            sorted(task.versions) == sorted(calendar_names(task.body["schedule"])), CALENDARS, f"{task} at {last.time}"
        )
        for name, under in task.versions.items():
            settled = last.ms - SETTLED_SECONDS * 1000
            seen = self._timeline.between(name, settled, last.ms)
            if len(seen) == 1:
                behind = _since(seen[0], under) <= last.time - SETTLED_SECONDS
                require(not behind, CALENDARS, f"{task} is under {name}/{under}, not {seen[0]}")


def _since(told: ToldCalendar | None, under: int) -> int:
    """Since when a newer version holds."""
    return FAR if told is None or told.version is None or told.version <= under else told.since
