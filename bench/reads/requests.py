"""Which requests are made: of each kind a path with parameters of a random task, run or moment."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from bench.population.fill import Population
from bench.population.runs import ROUNDS, run_in_round, runs_of
from bench.population.schedules import DAY
from bench.population.tasks import MadeTask, task_of
from bench.reads.list_requests import list_queries
from tasker_core.time.instant import rfc3339_second

MS: Final = 50
FORECAST_MS: Final = 2_000


class Request(NamedTuple):
    """One request. A `body` is posted; `target` is the promised 95th percentile in milliseconds."""

    path: str
    query: Mapping[str, Any] = {}
    body: Mapping[str, Any] | None = None
    target: int = MS


class Sample:
    """Random parts of a population."""

    def __init__(self, population: Population, random: Random) -> None:
        self._population, self._random = population, random

    def task(self, wanted: Callable[[MadeTask], bool] = lambda _: True) -> MadeTask:
        """Some task that is wanted."""
        while True:
            task = task_of(self._random.randrange(self._population.tasks), self._population.now)
            if wanted(task):
                return task

    def task_path(self, rest: str = "") -> str:
        """The path of something of a task that is neither over nor paused."""
        return f"/tasks/{_id_of_some(self)}{rest}"

    def run_id(self) -> str:
        """The id of a run that is in the log."""
        while True:
            task = self.task(lambda t: runs_of(t.number, self._population.factor) > 0)
            if (run := run_in_round(task, ROUNDS - 1, self._population.now)) is not None:
                return run.run_id

    def days(self, ago: int, length: int) -> dict[str, str]:
        """The parameters `from` and `to` of some days."""
        begin = self._population.now - ago * DAY
        return {"from": rfc3339_second(begin), "to": rfc3339_second(begin + length * DAY)}

    def number(self) -> str:
        """A word of the names of few tasks: the number of one."""
        return f"{self._random.randrange(self._population.tasks)}"


def requests() -> dict[str, Callable[[Sample], Request]]:
    """By name what is asked for."""
    runs: dict[str, Mapping[str, Any]] = {
        "newest": {},
        "failed": {"state": "failed"},
        "skipped": {"state": "skipped"},
        "running": {"state": "running"},
        "background": {"lane": "background"},
        "manual": {"kind": "manual"},
    }
    found: dict[str, Callable[[Sample], Request]] = {}
    for name, query in list_queries().items():
        found[name] = _fixed("/tasks", query)
    for name, query in runs.items():
        found[f"runs: {name}"] = _fixed("/runs", query)
    single: dict[str, Callable[[Sample], Request]] = {
        "search: a number": lambda s: Request("/tasks", {"q": s.number()}),
        "search: an id": lambda s: Request("/tasks", {"q": s.task().accepted.id}),
        "runs: of days": lambda s: Request("/runs", s.days(10, 1)),
        "runs: failed, of days": lambda s: Request("/runs", s.days(10, 1) | {"state": "failed"}),
        "task": lambda s: Request(s.task_path()),
        "task: runs": lambda s: Request(s.task_path("/runs")),
        "task: failed runs": lambda s: Request(s.task_path("/runs"), {"state": "failed"}),
        "task: runs of days": lambda s: Request(s.task_path("/runs"), s.days(5, 3)),
        "task: occurrences": lambda s: Request(s.task_path("/occurrences"), {"limit": 200}),
        "task: occurrences of days": lambda s: Request(s.task_path("/occurrences"), s.days(5, 3)),
        "task: occurrences to come": lambda s: Request(s.task_path("/occurrences"), {"order": "asc"}),
        "task: occurrences missed": lambda s: Request(s.task_path("/occurrences"), {"status": "missed"}),
        "run": lambda s: Request(f"/runs/{s.run_id()}"),
        "journal entry": lambda s: Request(_event_path(s.task())),
        "task: history": lambda s: Request(s.task_path("/history")),
        "task: coming occurrences": lambda s: Request(s.task_path("/occurrences"), s.days(0, 3)),
        "task: a version": lambda s: Request(_version_path(s)),
        "task: stats": lambda s: Request(s.task_path("/stats")),
        "promise: an hour": lambda _: Request("/stats/promise"),
        "promise: a day by minute": lambda s: Request("/stats/promise", s.days(1, 1) | {"bucket": "PT1M"}),
        "promise: a month": lambda s: Request("/stats/promise", s.days(30, 31)),
        "promise: of a handler": lambda s: Request("/stats/promise", s.days(7, 8) | {"handler": "kafka"}),
        "promise: of a partition": lambda s: Request("/stats/promise", s.days(7, 8) | {"partition": 3}),
        "promise: of a task": lambda s: Request("/stats/promise", {**s.days(10, 11), "task": _id_of_some(s)}),
        "calendars": lambda _: Request("/calendars"),
        "handlers": lambda _: Request("/handlers"),
        "system": lambda _: Request("/system"),
        "forecast: all": lambda _: Request("/forecast", target=FORECAST_MS),
        "forecast: of a tag": lambda _: Request("/forecast", {"tag": "billing"}, target=FORECAST_MS),
        "forecast: of a handler": lambda _: Request("/forecast", {"handler": "kafka"}, target=FORECAST_MS),
        "forecast: a week": lambda s: Request("/forecast", {"to": s.days(-7, 0)["to"]}, target=FORECAST_MS),
        "diff": lambda s: Request("/schedules/diff", body=_diff(s)),
        "preview": lambda s: Request("/schedules/preview", body=_preview(s)),
    }
    return found | single


def _fixed(path: str, query: Mapping[str, Any]) -> Callable[[Sample], Request]:
    return lambda _: Request(path, query)


def _event_path(task: MadeTask) -> str:
    return f"/journal/put-{task.accepted.id}-{task.version}"


def _id_of_some(sample: Sample) -> str:
    return sample.task(lambda t: not (t.is_over or t.accepted.paused)).accepted.id


def _version_path(sample: Sample) -> str:
    task = sample.task()
    return f"/tasks/{task.accepted.id}/history/{task.version}"


def _diff(sample: Sample) -> Mapping[str, Any]:
    return {"before": {"task_id": _id_of_some(sample)}, "after": {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}}


def _preview(sample: Sample) -> Mapping[str, Any]:
    begin = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=sample.task().number % 300)
    return {"schedule": {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}, "from": begin.isoformat(), "count": 10}
