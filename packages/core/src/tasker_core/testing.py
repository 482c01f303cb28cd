"""Questions about schedules that only tests ask, answered by the search that services use."""

from tasker_core.errors import TaskerError
from tasker_core.schedules.occurrences import NothingUntil, Occurrence, search, search_back
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.time.zones import utc


class Unanswered(TaskerError):
    """The exclusions rule out so much that the search has been given up; `checkpoint` is how far it came."""

    def __init__(self, checkpoint: int) -> None:
        super().__init__(f"no occurrence as far as {utc(checkpoint).isoformat()}")
        self.checkpoint = checkpoint


def next_nominal(schedule: Schedule, after: int) -> int:
    """The first nominal time after `after`, NEVER when none is left. Raises Unanswered instead of a guess."""
    return _answered(search(schedule, after)).nominal


def previous_nominal(schedule: Schedule, before: int) -> int:
    """The last nominal time before `before`, -NEVER when there is none. Raises Unanswered instead of a guess."""
    return _answered(search_back(schedule, before)).nominal


def next_effective(schedule: Schedule, after: int, offset: int) -> Occurrence:
    """The first occurrence effective after `after`, (NEVER, NEVER) when none is left. May raise Unanswered."""
    return _answered(search(schedule, after, offset))


def previous_effective(schedule: Schedule, before: int, offset: int) -> Occurrence:
    """The last occurrence effective before `before`, (-NEVER, -NEVER) without. May raise Unanswered."""
    return _answered(search_back(schedule, before, offset))


def previous_within_bounds(schedule: Schedule, before: int) -> int:
    """The last nominal time before `before` within start and end, left out or not; -NEVER when there is none."""
    first, last = schedule.bounds
    found = schedule.previous_before(min(before, last + 1))
    return found if found >= first else -NEVER


def _answered(found: Occurrence | NothingUntil) -> Occurrence:
    if isinstance(found, NothingUntil):
        raise Unanswered(found.checkpoint)
    return found
