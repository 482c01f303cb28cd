"""What must be answered, from raw verdicts, runs and missed ranges, and from a plain enumeration of all times.

It shares nothing with the engine: a definition's times are listed by `tasker_cli.verify.enumeration`.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions, under
from tasker_cli.verify.enumeration.nominal_times import bare_times, for_task, nominal_times
from tests.simulation.oracle.reference_calendar import duration, spread

Body = dict[str, Any]
FAR: Final = 1 << 60


def second(text: str) -> int:
    """Epoch seconds of an instant."""
    return int(datetime.fromisoformat(text).timestamp())


@dataclass(slots=True)
class ExpectedDefinition:
    """One accepted change, or handover to another version of a calendar: in force from `begin`, exclusive, to `end`.

    `schedule`: under versions of its calendars. `finish`: why nothing was left of it, and what was the last time.
    """

    begin: int
    end: int
    version: int
    generation: int
    schedule: Body | None
    paused: bool
    kind: str
    finish: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """What must be said of a nominal time. `version`: of the definition that it belongs to, or that was in force."""

    status: str
    effective: int
    version: int
    by_version: int | None = None


class Times:
    """The times of one schedule between two instants: `bare` all, `left` what `exclude`, calendars and bounds leave."""

    def __init__(self, written: Body, task_id: str, begin: int, end: int, calendars: CalendarVersions) -> None:
        whole = for_task(written, task_id)
        self.bare = set(bare_times(whole, begin, end))
        self.left = nominal_times(whole, begin, end, calendars)
        offset = spread(task_id, duration(written["spread"])) if "spread" in written else 0
        following = [*self.left[1:], FAR][: len(self.left)]
        self.effective = {at: min(at + offset, after - 1) for at, after in zip(self.left, following, strict=True)}
        self.first = second(written["start"]) if "start" in written else -FAR
        self.last = second(written["end"]) if "end" in written else FAR
        self.once = "at" in written and "every" not in written


@lru_cache(maxsize=512)
def _times(written: bytes, task_id: str, begin: int, end: int, calendars: CalendarVersions) -> Times:
    return Times(msgspec.json.decode(written), task_id, begin, end, calendars)


class ExpectedAnswers:
    """Those of one task, for the nominal times in [begin, end). `calendars`: the days of all versions."""

    def __init__(self, task_id: str, verdicts: list[Body], begin: int, end: int, calendars: CalendarVersions) -> None:
        self._task, self._begin, self._end, self._calendars = task_id, begin, end, calendars
        self.definitions = _definitions(verdicts)
        self.owned: dict[int, tuple[ExpectedDefinition, int]] = {}
        self.others: dict[int, ExpectedAnswer] = {}

    def of(self, one: ExpectedDefinition) -> Times:
        """The times of a definition."""
        assert one.schedule is not None
        return _times(msgspec.json.encode(one.schedule), self._task, self._begin, self._end, self._calendars)

    def derive(self) -> None:
        """Find for each nominal time the definition that it belongs to, else what to say of it."""
        before: ExpectedDefinition | None = None
        decided = -FAR
        for one in self.definitions:
            if before is None or before.schedule is None or one.generation != before.generation:
                decided = self._created(one)
            elif one.schedule is not None:
                decided = max([decided, *self._dealt_with(one)])
                if one.schedule != before.schedule:
                    decided = self._changed(before, one, decided)
            if one.schedule is not None:
                for at, effective in self.of(one).effective.items():
                    if at > decided and one.begin < effective <= one.end:
                        self.owned[at] = one, effective
            before = one
        self._tell_the_others()

    def _dealt_with(self, one: ExpectedDefinition) -> list[int]:
        """The times of the same generation that were emitted, missed or paused when a definition took effect."""
        found = [(at, *owner) for at, owner in self.owned.items()]
        return [at for at, by, effective in found if by.generation == one.generation and effective <= one.begin]

    def _created(self, one: ExpectedDefinition) -> int:
        """A one-time task that is over when it is created runs at once; returns what is decided by that."""
        if one.schedule is None or not self.of(one).once:
            return -FAR
        ((at, effective),) = self.of(one).effective.items()
        if effective > one.begin or one.paused:
            return -FAR
        self.owned[at] = one, min(effective, one.begin)
        return at

    def _changed(self, old: ExpectedDefinition, new: ExpectedDefinition, decided: int) -> int:
        """The last time that had begun under the old one runs at once if the new one would have run it already."""
        begun = [at for at in self.of(old).left if at <= new.begin]
        if not begun or begun[-1] <= decided or self.of(old).effective[begun[-1]] <= new.begin:
            return decided
        effective = self.of(new).effective.get(begun[-1])
        if effective is None or effective > new.begin:
            return decided
        if not new.paused:
            self.owned[begun[-1]] = new, effective
        return begun[-1]

    def _tell_the_others(self) -> None:
        first, known = self.definitions[0], [*self.definitions]
        for at in self.of(first).left:
            if at <= first.begin:
                self._tell(at, ExpectedAnswer("before", self.of(first).effective[at], first.version))
        stood: ExpectedDefinition | None = None
        for one, following in zip(known, [*known[1:], None], strict=True):
            if one.schedule is None:
                assert stood is not None
                for at in self.of(stood).left:
                    if one.begin < at <= one.end:
                        status = "deleted" if one.kind == "delete" else "ended"
                        self._tell(at, ExpectedAnswer(status, at, one.version, one.version))
                continue
            stood, times = one, self.of(one)
            for at in times.bare:
                if one.begin < at <= one.end:
                    if at in times.effective:
                        if following is not None:
                            status = "superseded" if following.schedule is not None else "deleted"
                            answer = ExpectedAnswer(status, times.effective[at], one.version, following.version)
                            self._tell(at, answer)
                    else:
                        status = "before" if at < times.first else "ended" if at > times.last else "excluded"
                        self._tell(at, ExpectedAnswer(status, at, one.version))

    def changed_by(self, at: int, status: str) -> int | None:
        """The version that superseded or deleted what had a time, or that ended the pause; None where that goes on."""
        if at in self.others:
            return self.others[at].by_version if status in ("superseded", "deleted") else None
        one, _ = self.owned[at]
        later = self.definitions[self.definitions.index(one) + 1 :]
        return next((other.version for other in later if not other.paused), None) if status == "paused" else None

    def _tell(self, at: int, answer: ExpectedAnswer) -> None:
        if at not in self.owned and self._begin <= at < self._end:
            self.others[at] = answer


def _definitions(verdicts: list[Body]) -> list[ExpectedDefinition]:
    found: list[ExpectedDefinition] = []
    for body in verdicts:
        if body["type"] == "removed":
            at, task, kind = second(body["removed_at"]), None, "removed"
        elif body["type"] == "verdict" and body["verdict"] == "accepted" and body["event_type"] in _CHANGES:
            at, task, kind = second(body["effective_from"]), body.get("task"), body["event_type"]
        elif body["type"] == "rescheduled":
            at, task, kind = second(body["effective_from"]), body["task"], "calendar"
        else:
            if body["type"] == "finished" and found and body["version"] == found[-1].version:
                found[-1].finish = body["reason"], second(body["last_nominal"])
            continue
        if found:
            found[-1].end = at
        schedule, paused = None, False
        if task:
            schedule, paused = under(task["schedule"], body.get("calendars", {})), task.get("paused", False)
        found.append(ExpectedDefinition(at, FAR, body["version"], body["generation"], schedule, paused, kind))
    return found


_CHANGES: Final = ("put", "delete", "pause", "resume", "outcome")
