"""How long the engine takes for its answers: the next time of each kind, and all answers about the oddest schedules."""

import gc
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import (
    _lru_cache_wrapper,  # pyright: ignore[reportPrivateUsage] -- to find the caches
    partial,
)
from time import perf_counter_ns, process_time_ns
from typing import Final, cast

from pydantic import TypeAdapter, ValidationError

from bench.machine import describe_machine
from bench.schedules.kinds import ODD, USUAL, Written
from bench.table import percentile, print_columns
from tasker_api.schedules.preview import preview
from tasker_api.schemas.schedules import PreviewInput
from tasker_core.errors import InvalidInput
from tasker_core.schedules.description import describe
from tasker_core.schedules.occurrences import search, search_back
from tasker_core.schedules.schedule import NEVER, Schedule

STEPS, ROUNDS = 2_000, 5
LIMIT_MS: Final = 10.0
"""No answer about any schedule that is accepted may take longer."""
_NOW: Final = int(datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp())
_PREVIEWED: Final = 100
_OFFSETS: Final = (0, 3_000, 86_400)
"""Without spread, and with some."""


def main() -> int:
    """0 when every answer comes within the limit."""
    print(describe_machine())
    _next_times()
    return 0 if _odd_schedules() else 1


def _parsed(written: Written) -> Schedule:
    return TypeAdapter[Schedule](Schedule).validate_python(written)


def _next_times() -> None:
    """Print how long `next_after` takes for each kind: walked step by step from now on."""
    lines, compared = [["next time", "p50 µs", "p99 µs", "max µs", "ratio"]], 0.0
    for name, written in USUAL.items():
        schedule = _parsed(written)
        took = list(map(min, zip(*(_walk(schedule) for _ in range(ROUNDS)), strict=True)))
        median = percentile(took, 0.5)
        compared = compared or median
        values = (median, percentile(took, 0.99), max(took))
        lines.append([name, *(f"{value:.1f}" for value in values), f"{median / compared:.2f}"])
    print_columns(lines)


def _walk(schedule: Schedule) -> list[float]:
    """Microseconds of each of so many steps."""
    took: list[float] = []
    at = _NOW
    for _ in range(STEPS):
        began = perf_counter_ns()
        at = schedule.next_after(at)
        took.append((perf_counter_ns() - began) / 1000)
        if at == NEVER:
            at = _NOW
    return took


def _odd_schedules() -> bool:
    """Print the longest of each answer about each odd schedule, in milliseconds; whether all are within the limit."""
    lines, good = [["answer, worst, ms of CPU", "saved", "next", "previous", "words", f"preview of {_PREVIEWED}"]], True
    for name, written in (USUAL | ODD).items():
        saved = _longest(lambda written=written: _parsed(written))
        schedule = _parsed(written)
        asked: list[list[Callable[[], object]]] = [
            [partial(search, schedule, _NOW, offset) for offset in _OFFSETS],
            [partial(search_back, schedule, _NOW, offset) for offset in _OFFSETS],
            [partial(describe, schedule)],
            [partial(_previewed, written)],
        ]
        took = [saved, *(max(map(_longest, answers)) for answers in asked)]
        good = good and max(took) <= LIMIT_MS
        lines.append([name, *(f"{value:.1f}" + ("!" if value > LIMIT_MS else "") for value in took)])
    print_columns(lines)
    return good


def _previewed(written: Written) -> object:
    try:
        return preview(PreviewInput.model_validate({"schedule": written, "count": _PREVIEWED}), _NOW)
    except (InvalidInput, ValidationError) as refused:
        return refused


def _longest(ask: Callable[[], object]) -> float:
    """Milliseconds of CPU of an answer at its best, with nothing remembered and with all: the longer of the two."""
    cold, warm = list[float](), list[float]()
    for took in (cold, warm):
        for _ in range(3):
            if took is cold:
                _forget()
            began = process_time_ns()
            ask()
            took.append((process_time_ns() - began) / 1e6)
    return max(min(cold), min(warm))


def _forget() -> None:
    """Empty the caches of the engine, as if the service had just begun."""
    for found in gc.get_objects():
        if isinstance(found, _lru_cache_wrapper):
            cache = cast("_lru_cache_wrapper[object]", found)
            if cache.__module__.startswith("tasker_core"):
                cache.cache_clear()


if __name__ == "__main__":
    sys.exit(main())
