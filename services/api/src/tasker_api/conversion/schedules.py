"""PURE. Stored schedules."""

from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from tasker_core.schedules.description import describe
from tasker_core.schedules.schedule import Schedule

_SCHEDULE: TypeAdapter[Any] = TypeAdapter(Schedule)


@lru_cache(maxsize=16_384)
def stored_schedule(text: str) -> tuple[Any, str]:
    """A stored schedule and its description: many tasks share one."""
    found = _SCHEDULE.validate_json(text)
    return found, describe(found)
