"""A schedule in one English sentence."""

from tasker_core.schedule import Schedule


def describe(schedule: Schedule) -> str:
    """One sentence, such as "At 09:00, Monday through Friday, Europe/Berlin"."""
    return repr(schedule)
