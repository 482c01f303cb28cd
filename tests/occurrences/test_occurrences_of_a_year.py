"""Over a year of edits, pauses, deletes and outages, every nominal time has exactly one answer, and the right one."""

import asyncio
from collections import Counter
from random import Random
from typing import Any

import pytest

from tasker_api.occurrences.answers import Answer, answers
from tasker_api.occurrences.log_evidence import CatchUpRange, LogPosition, log_evidence
from tasker_api.occurrences.nominal_times import nominal_times
from tasker_api.occurrences.task_history import TaskHistory
from tasker_api.occurrences.wording import Wording
from tests.occurrences.expected_answers import ExpectedAnswers, ExpectedDefinition, second
from tests.occurrences.planted_bugs import BUGS
from tests.occurrences.random_year import BEGIN, DAY, YEAR, RandomYear
from tests.occurrences.simulated_year import TASK, SimulatedYear

Body = dict[str, Any]
_OF_OUTCOMES = {"succeeded": "ran", "failed": "ran", "skipped": "skipped", "cancelled": "cancelled"}
WEEK = 7 * DAY
ENOUGH = 60
"""Within so many years every planted bug must be found."""


class Told:
    """What the engine answers of a year."""

    def __init__(self, year: SimulatedYear) -> None:
        documents = asyncio.run(year.documents())
        revisions = sorted(
            documents["revisions"], key=lambda one: (one["effective_from"], one["version"], one["position"])
        )
        self.history = TaskHistory(revisions, complete=True)
        watermark, gaps = year.log_position()
        self.log = LogPosition(year.now, watermark, [CatchUpRange(*gap) for gap in gaps], BEGIN - YEAR, year.now - WEEK)
        limited = {one.revision["version"] for one in self.history.definitions if one.limit is not None}
        counted = Counter(run["generation"] for run in documents["runs"] if run["version"] in limited)
        self.evidence = log_evidence(documents["runs"], [], documents["missed"], counted)

    def answers(self, begin: int, end: int, *, descending: bool = False) -> list[Answer]:
        """The answers in an interval."""
        times = nominal_times(self.history, begin, end, descending=descending)
        standings = [one for at in times if (one := self.history.standing(at)) is not None]
        return list(answers(standings, self.evidence, self.log))


class Records:
    """What the raw records say of single nominal times."""

    def __init__(self, year: SimulatedYear, expected: ExpectedAnswers) -> None:
        self._year, self._expected = year, expected
        due = [*year.records["due-tasks"], *year.records["due-background"]]
        self.runs = {(run["generation"], second(run["nominal_at"])): run for run in due if run["type"] == "run"}
        verdicts = year.records["verdicts"]
        self.missed = [
            (m["generation"], second(m["from"]), second(m["to"]), m["reason"])
            for m in verdicts
            if m["type"] == "missed"
        ]
        self.finished = {
            f["version"]: (f["reason"], second(f["last_nominal"])) for f in verdicts if f["type"] == "finished"
        }
        self.watermark, self.gaps = year.log_position()

    def finish(self, one: ExpectedDefinition) -> tuple[str, int] | None:
        """Why nothing was left of the schedule of a definition: told for it or for a neighbour with the same one."""
        same: list[ExpectedDefinition] = []
        for other in self._expected.definitions:
            if same and (other.generation, other.schedule) != (same[-1].generation, same[-1].schedule):
                if one in same:
                    break
                same = []
            same.append(other)
        return next((self.finished[other.version] for other in same if other.version in self.finished), None)

    def status(self, at: int, one: ExpectedDefinition, effective: int) -> tuple[str, str | None]:
        """What became of an occurrence of a definition, and why."""
        finish = self.finish(one)
        if finish and at > finish[1]:
            return "ended", finish[0]
        if one.paused:
            return "paused", None
        if (run := self.runs.get((one.generation, at))) is not None:
            reported = self._year.reported.get(run["run_id"])
            return (_OF_OUTCOMES[reported["outcome"]], reported["outcome"]) if reported else ("pending", "not_logged")
        if found := [m[3] for m in self.missed if m[0] == one.generation and m[1] <= at <= m[2]]:
            assert len(found) == 1, f"{at} was missed twice"
            return "missed", found[0]
        if effective > self._year.now:
            return "coming", None
        if finish and finish[0] == "max_runs":
            return ("ended", "max_runs") if self._all_counted_are_reported(one) else ("pending", "not_logged")
        assert any(after < effective <= to and task < TASK for after, to, task in self.gaps), f"{at}: lost"
        return "pending", "catching_up"

    def _all_counted_are_reported(self, one: ExpectedDefinition) -> bool:
        limited = {other.version for other in self._expected.definitions if "max_runs" in (other.schedule or ())}
        runs = [run for run in self.runs.values() if run["generation"] == one.generation and run["version"] in limited]
        return all(run["run_id"] in self._year.reported for run in runs)


def check(seed: int, changes: int = 40) -> list[Answer]:
    """Compare all answers of a year with what is expected; returns them."""
    scenario = RandomYear(Random(seed))
    scenario.run(changes)
    year = scenario.year
    year.report_runs(unreported_after=year.now - 2 * DAY)
    told = Told(year)
    begin, end = BEGIN - 2 * DAY, year.now + 20 * DAY
    begin, end = begin - begin % 60, end - end % 60
    expected = ExpectedAnswers(TASK, year.records["verdicts"], begin - 2 * DAY, end + 40 * DAY, year.now)
    if not expected.definitions:
        return []
    expected.derive()
    records = Records(year, expected)
    wanted: dict[int, tuple[str, str | None, int, int]] = {}
    for at, other in expected.others.items():
        wanted[at] = (other.status, None, other.effective, other.version)
    for at, (one, effective) in expected.owned.items():
        wanted[at] = (*records.status(at, one, effective), effective, one.version)
    wanted = {at: wanted[at] for at in sorted(wanted) if begin <= at < end}
    found = told.answers(begin, end)
    got = {one.standing.nominal: one for one in found}
    assert len(got) == len(found), "a nominal time has two answers"
    assert [one.standing.nominal for one in found] == list(got)
    for at, (status, reason, effective, version) in wanted.items():
        assert at in got, f"seed {seed}: {at} has no answer, {status} is expected of version {version}"
        one = got[at]
        said = (one.status, one.reason if reason else None, one.standing.effective, _version(one))
        assert said == (status, reason, effective, version), f"seed {seed}, {at}: {said}, not {wanted[at]}"
        by = expected.changed_by(at, status)
        assert by == _change(one, status), f"seed {seed}, {at}: {status} by {_change(one, status)}, not {by}"
    assert list(got) == list(wanted), f"seed {seed}: answers of what is no time {set(got) - set(wanted)}"
    backwards = [one.standing.nominal for one in told.answers(begin, end, descending=True)]
    assert backwards == list(got)[::-1]
    wording = Wording(told.log, told.history)
    assert all(wording.text(one).endswith(".") for one in found)
    return found


def check_all(seeds: range) -> None:
    """Compare all answers of some years with what is expected."""
    for seed in seeds:
        check(seed)


def _change(one: Answer, status: str) -> int | None:
    told = one.change is not None and status in ("paused", "superseded", "deleted")
    return one.change.revision["version"] if told and one.change is not None else None


def _version(one: Answer) -> int:
    return one.standing.definition.revision["version"]


@pytest.mark.parametrize("seed", range(40))
def test_every_nominal_time_has_exactly_one_answer_the_right_one(seed: int) -> None:
    check(seed)


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    with BUGS[name](), pytest.raises(AssertionError):
        check_all(range(ENOUGH))
