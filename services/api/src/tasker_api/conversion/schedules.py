"""PURE. Stored schedules."""

from functools import lru_cache
from typing import NamedTuple

from pydantic import TypeAdapter

from tasker_core.schedules.description import describe
from tasker_core.schedules.schedule import Schedule, for_task

_SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)


class StoredSchedule(NamedTuple):
    """A schedule as it is stored, and in words as it is for its task."""

    schedule: Schedule
    description: str


def stored_schedule(text: str, task_id: str) -> StoredSchedule:
    """What is stored of a task's schedule."""
    found = _stored(text)
    if found.schedule.has_hash:
        return StoredSchedule(found.schedule, describe(for_task(found.schedule, task_id)))
    return found


def schedule_of_task(text: str, task_id: str) -> Schedule:
    """A stored schedule with the values that `H` has for its task: the one of whose times one may ask."""
    return for_task(_stored(text).schedule, task_id)


@lru_cache(maxsize=2_048)
def _stored(text: str) -> StoredSchedule:
    """Many tasks share one. An `any` of fifty takes some 45 KB."""
    found = _SCHEDULE.validate_json(text)
    return StoredSchedule(found, describe(found))
