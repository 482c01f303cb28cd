"""PURE. What a group of tasks that fire together is called."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, NamedTuple

from tasker_core.cron.expression import CronExpression
from tasker_core.schedules.description import describe
from tasker_core.schedules.kinds.cron import Cron
from tasker_core.schedules.wording import duration_in_words
from tasker_core.timing.fire_times import Timing

_DESCRIBED: Final = 200


class NamedGroup(NamedTuple):
    """All tasks that go by the same words, and how many runs of theirs are meant."""

    words: str
    tasks: int
    runs: int


def named_groups(found: Iterable[tuple[Timing, int, int]], most: int) -> list[NamedGroup]:
    """Of (timing, tasks, runs) the `most` names with the most runs. Intervals go by their length, wherever they begin.

    Timings that come after many larger ones are not looked at: each has few runs.
    """
    totals: dict[str, tuple[int, int]] = {}
    others: list[tuple[Timing, int, int]] = []
    for timing, tasks, runs in found:
        if timing.schedule is None:
            _add(totals, _short_words(timing), tasks, runs)
        else:
            others.append((timing, tasks, runs))
    for timing, tasks, runs in sorted(others, key=lambda one: -one[2])[:_DESCRIBED]:
        _add(totals, _words(timing), tasks, runs)
    by_runs = sorted(totals.items(), key=lambda one: (-one[1][1], one[0]))
    return [NamedGroup(words, tasks, runs) for words, (tasks, runs) in by_runs[:most]]


def _add(totals: dict[str, tuple[int, int]], words: str, tasks: int, runs: int) -> None:
    before = totals.get(words, (0, 0))
    totals[words] = before[0] + tasks, before[1] + runs


def _short_words(timing: Timing) -> str:
    if timing.every is None:
        return "Once"
    return f"Every {duration_in_words(timedelta(seconds=timing.every[0])).removeprefix('1 ')}"


def _words(timing: Timing) -> str:
    schedule = timing.schedule
    assert schedule is not None, "the others have short words"
    if isinstance(schedule, CronExpression):
        schedule = Cron(cron=schedule.expression, timezone=schedule.timezone)
    return describe(schedule) + ("" if timing.offset is None else ", with spread")
