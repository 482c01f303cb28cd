"""PURE. Collections `stats` and `stats_pending`: what is counted of runs, and what of it waits to be put together."""

from datetime import datetime
from typing import Literal, TypedDict

Resolution = Literal["minute", "hour", "day"]


class StatisticsContent(TypedDict):
    """The counts of some runs (`tasker_core/statistics/run_statistics.py`); histograms are packed."""

    outcomes: dict[str, int]
    backfilled: dict[str, int]
    missed: dict[str, int]
    promised: int
    kept: int
    recovered: int
    broken: dict[str, int]
    lateness: bytes
    stages: bytes


class StatisticsDocument(StatisticsContent):
    """What is counted of runs that were due in one minute, hour or day of UTC, `at` its begin.

    `of` is `all`, `handler/<name>` or `partition/<number>`; `_id` is `<of>/<resolution>/<epoch minute of at>`.
    """

    _id: str
    resolution: Resolution
    at: datetime
    of: str


StatisticsField = Literal[
    "_id",
    "resolution",
    "at",
    "of",
    "outcomes",
    "backfilled",
    "missed",
    "promised",
    "kept",
    "recovered",
    "broken",
    "lateness",
    "stages",
]


class PendingStatisticsDocument(TypedDict):
    """What one batch has added, written with its records. `writer` is the member that puts it together with the rest,
    `data` is packed (`tasker_core/statistics/batch_statistics.py`)."""

    _id: str
    writer: str
    logged_at: datetime
    data: bytes


PendingStatisticsField = Literal["_id", "writer", "logged_at", "data"]
