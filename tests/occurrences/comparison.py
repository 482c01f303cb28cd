"""What the engine answers of a task, compared with what is expected by raw records."""

import asyncio
from collections import Counter
from typing import Any, Final

from tasker_api.occurrences.answers import Answer, answers
from tasker_api.occurrences.log_evidence import CatchUpRange, LogPosition, log_evidence
from tasker_api.occurrences.nominal_times import nominal_times
from tasker_api.occurrences.task_history import TaskHistory
from tasker_api.occurrences.wording import Wording
from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions
from tasker_core.calendars.calendar_days import calendar_days
from tests.occurrences.expected_answers import ExpectedAnswers, ExpectedDefinition, second
from tests.occurrences.written_log import WrittenLog

Body = dict[str, Any]
_OF_OUTCOMES: Final = {"succeeded": "ran", "failed": "ran", "skipped": "skipped", "cancelled": "cancelled"}
DAY: Final = 86_400
_ALWAYS: Final = 400 * DAY


class Told:
    """What the engine answers of a task."""

    def __init__(self, task_id: str, log: WrittenLog) -> None:
        documents = asyncio.run(log.documents())
        documents.setdefault("calendar_revisions", [])
        of_task = {name: [one for one in some if one.get("task_id") == task_id] for name, some in documents.items()}
        revisions = sorted(
            of_task["revisions"], key=lambda one: (one["effective_from"], one["version"], one["position"])
        )
        days = {(one["name"], one["version"]): calendar_days(one["days"]) for one in documents["calendar_revisions"]}
        self.history = TaskHistory(revisions, days, complete=True)
        watermark, gaps = log.position()
        catch_up = [CatchUpRange(*gap) for gap in gaps]
        self.log = LogPosition(log.now, watermark, catch_up, log.now - _ALWAYS, log.now - 7 * DAY)
        limited = {one.revision["version"] for one in self.history.definitions if one.limit is not None}
        scheduled = [run for run in of_task["runs"] if run["kind"] == "scheduled" and run["version"] in limited]
        counted = Counter(run["generation"] for run in scheduled)
        self.evidence = log_evidence(of_task["runs"], [], of_task["missed"], counted)

    def answers(self, begin: int, end: int, *, descending: bool = False) -> list[Answer]:
        """The answers in an interval."""
        times = nominal_times(self.history, begin, end, descending=descending)
        standings = [one for at in times if (one := self.history.standing(at)) is not None]
        return list(answers(standings, self.evidence, self.log))


class Records:
    """What the raw records say of single nominal times of a task."""

    def __init__(self, task_id: str, log: WrittenLog, expected: ExpectedAnswers) -> None:
        self._task_id, self._log, self._expected = task_id, log, expected
        due = [*log.records["due-tasks"], *log.records["due-background"]]
        runs = [one for one in due if one["type"] == "run" and one["task_id"] == task_id]
        scheduled = [run for run in runs if run.get("kind", "scheduled") == "scheduled" and run.get("attempt", 1) == 1]
        self.runs = {(run["generation"], second(run["nominal_at"])): run for run in scheduled}
        verdicts = [one for one in log.records["verdicts"] if one["task_id"] == task_id]
        missed = [one for one in verdicts if one["type"] == "missed"]
        self.missed = [(one["generation"], second(one["from"]), second(one["to"]), one["reason"]) for one in missed]
        self.watermark, self.gaps = log.position()
        # What the ticker itself says of the end of a run stands on top of what executors report.
        ended = {one["run_id"]: one["outcome"] for one in verdicts if one["type"] == "ended"}
        self._outcomes: dict[str, str] = {name: one["outcome"] for name, one in log.reported.items()} | ended

    def finish(self, one: ExpectedDefinition) -> tuple[str, int] | None:
        """Why nothing was left of the schedule of a definition: told for it or for a neighbour with the same one."""
        same: list[ExpectedDefinition] = []
        for other in self._expected.definitions:
            if same and (other.generation, other.schedule) != (same[-1].generation, same[-1].schedule):
                if one in same:
                    break
                same = []
            same.append(other)
        return next((other.finish for other in same if other.finish), None)

    def status(self, at: int, one: ExpectedDefinition, effective: int) -> tuple[str, str | None]:
        """What became of an occurrence of a definition, and why."""
        finish = self.finish(one)
        if finish and at > finish[1]:
            return "ended", finish[0]
        if one.paused:
            return "paused", None
        if (run := self.runs.get((one.generation, at))) is not None:
            outcome = self._outcomes.get(run["run_id"])
            return (_OF_OUTCOMES[outcome], outcome) if outcome else ("pending", "not_logged")
        if found := [m[3] for m in self.missed if m[0] == one.generation and m[1] <= at <= m[2]]:
            assert len(found) == 1, f"{at} was missed twice"
            return "missed", found[0]
        if effective > self._log.now:
            return "coming", None
        if effective > self.watermark:
            return "pending", "not_decided"
        if finish and finish[0] == "max_runs":
            return ("ended", "max_runs") if self._all_counted_are_reported(one) else ("pending", "not_logged")
        waits = any(after < effective <= to and task < self._task_id for after, to, task in self.gaps)
        assert waits, f"{at} of {self._task_id}: lost"
        return "pending", "catching_up"

    def _all_counted_are_reported(self, one: ExpectedDefinition) -> bool:
        limited = {other.version for other in self._expected.definitions if "max_runs" in (other.schedule or ())}
        runs = [run for run in self.runs.values() if run["generation"] == one.generation and run["version"] in limited]
        return all(run["run_id"] in self._log.reported for run in runs)


def calendar_versions(verdicts: list[Body]) -> CalendarVersions:
    """The days of all versions of calendars, as they were answered."""
    found = CalendarVersions()
    for one in verdicts:
        if one.get("event_type") == "calendar" and one["verdict"] == "accepted":
            found.add(one["task_id"], one["version"], one["calendar"].get("days", ()))
    return found


def compare(task_id: str, log: WrittenLog, begin: int, end: int) -> list[Answer]:
    """Compare all answers for nominal times in [begin, end), whole minutes, with what is expected; returns them.

    Raises AssertionError.
    """
    verdicts = [one for one in log.records["verdicts"] if one["task_id"] == task_id]
    calendars = calendar_versions(log.records["verdicts"])
    expected = ExpectedAnswers(task_id, verdicts, begin - 2 * DAY, end + DAY, calendars)
    if not expected.definitions:
        return []
    expected.derive()
    told, records = Told(task_id, log), Records(task_id, log, expected)
    wanted: dict[int, tuple[str, str | None, int, int]] = {}
    for at, other in expected.others.items():
        wanted[at] = (other.status, None, other.effective, other.version)
    for at, (one, effective) in expected.owned.items():
        if begin <= at < end:
            wanted[at] = (*records.status(at, one, effective), effective, one.version)
    wanted = {at: wanted[at] for at in sorted(wanted) if begin <= at < end}
    found = told.answers(begin, end)
    got = {one.standing.nominal: one for one in found}
    assert len(got) == len(found), "a nominal time has two answers"
    assert list(got) == sorted(got)
    for at, (status, reason, effective, version) in wanted.items():
        assert at in got, f"{task_id}: {at} has no answer, {status} is expected of version {version}"
        one = got[at]
        said = (one.status, one.reason if reason else None, one.standing.effective, _version(one))
        assert said == (status, reason, effective, version), f"{task_id}, {at}: {said}, not {wanted[at]}"
        by = expected.changed_by(at, status)
        assert by == _change(one, status), f"{task_id}, {at}: {status} by {_change(one, status)}, not {by}"
    assert list(got) == list(wanted), f"{task_id}: answers of what is no time {set(got) - set(wanted)}"
    backwards = [one.standing.nominal for one in told.answers(begin, end, descending=True)]
    assert backwards == list(got)[::-1]
    wording = Wording(told.log, told.history)
    assert all(wording.text(one).endswith(".") for one in found)
    return found


def _change(one: Answer, status: str) -> int | None:
    told = one.change is not None and status in ("paused", "superseded", "deleted")
    return one.change.revision["version"] if told and one.change is not None else None


def _version(one: Answer) -> int:
    return one.standing.definition.revision["version"]
