"""The engine asked step by step: forth and back must be mirrors of each other."""

from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError

from tasker_cli.verify.enumeration.nominal_times import Written
from tasker_core.schedules.occurrences import WORK, Occurrence, search, search_back
from tasker_core.schedules.schedule import NEVER, Schedule

parse: Callable[[object], Schedule] = TypeAdapter[Schedule](Schedule).validate_python


def parse_possible(written: Written) -> Schedule | None:
    """The schedule; None when it is refused because no date ever matches."""
    try:
        return parse(written)
    except ValidationError as error:
        if any("no date ever" in found["msg"] for found in error.errors()):
            return None
        raise


def bare_walk(schedule: Schedule, begin: int, end: int) -> list[int]:
    """All times from `begin` up to, without, `end`, whatever the options say."""
    forth: list[int] = []
    at = begin - 1
    while (found := schedule.next_after(at)) < end:
        assert found > at
        assert schedule.next_after(found - 1) == found
        forth.append(found)
        at = found
    back: list[int] = []
    at = end
    while (found := schedule.previous_before(at)) >= begin:
        assert found < at
        back.append(found)
        at = found
    assert back[::-1] == forth
    assert found < begin
    assert schedule.next_after(at) > at or at == NEVER
    return forth


def search_walk(schedule: Schedule, begin: int, end: int, offset: int = 0, work: int = WORK) -> list[Occurrence]:
    """All occurrences effective from `begin` up to, without, `end`, from checkpoint to checkpoint."""
    forth: list[Occurrence] = []
    at = begin - 1
    while at < end - 1:
        found = search(schedule, at, offset, work=work)
        if isinstance(found, Occurrence):
            assert found.effective > at
            if found.effective < end:
                forth.append(found)
            at = found.effective
        else:
            assert found.checkpoint > at
            at = found.checkpoint
    back: list[Occurrence] = []
    at = end
    while at > begin:
        found = search_back(schedule, at, offset, work=work)
        if isinstance(found, Occurrence):
            assert found.effective < at
            if found.effective >= begin:
                back.append(found)
            at = found.effective
        else:
            assert found.checkpoint < at + offset
            if found.checkpoint >= at:  # only what is nominal before is known: no step back
                break
            at = found.checkpoint
    else:
        assert back[::-1] == forth
    return forth
