"""Bugs on purpose where a second is cut into several transactions."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from tasker_core.messages import Watermark
from tasker_ticker.scheduling.batch import Turn
from tasker_ticker.scheduling.memory.watermark import Position
from tasker_ticker.scheduling.records import Emission
from tasker_ticker.scheduling.scheduler import Incoming, Scheduler

# What is patched is private to the ticker, and its surroundings are untyped on purpose.
# pyright: reportPrivateUsage=false


def _restored(otherwise: Callable[[Position], None]) -> Any:
    """Where something else is read from the watermark than stands there."""
    of = Position.of

    def read(mark: Watermark) -> Position:
        found = of(mark)
        otherwise(found)
        return found

    return mock.patch.object(Position, "of", read)


def off_by_one_at_the_cut() -> Any:
    """The last task that is out is taken for the first that is not."""

    def one_less(found: Position) -> None:
        if (after := found.burst_after) is not None:
            found.burst_after = f"{after[:-1]}{chr(ord(after[-1]) - 1)}~"

    return _restored(one_less)


def position_ignored() -> Any:
    """The second begins once more with its first task."""

    def from_the_first(found: Position) -> None:
        found.burst_after = None

    return _restored(from_the_first)


def taken_as_finished() -> Any:
    """The rest of the second is not done any more."""

    def with_the_next(found: Position) -> None:
        if found.burst_after is not None:
            found.second, found.burst_after = found.second + 1, None

    return _restored(with_the_next)


def position_lost_in_a_gap() -> Any:
    """A second that was cut, and is too late to be finished live, becomes a gap for all its tasks."""
    leave_open = Scheduler._leave_open

    def leave_all_open(self: Scheduler, to: int) -> None:
        self.state.position.burst_after = None
        leave_open(self, to)

    return mock.patch.object(Scheduler, "_leave_open", leave_all_open)


@contextmanager
def event_in_between() -> Generator[None]:
    """An event that waits is applied before the second is finished."""
    turn, advance = Scheduler._turn, Scheduler._advance
    waiting: dict[Scheduler, bool] = {}

    def turn_and_note(self: Scheduler, now_ms: int, inbox: Sequence[Incoming], *args: Any, **options: Any) -> Turn:
        waiting[self] = bool(inbox)
        return turn(self, now_ms, inbox, *args, **options)

    def advance_if_alone(self: Scheduler, to: int, emission: Emission, **options: Any) -> bool:
        if self.state.position.burst_after is not None and waiting[self] and not emission.turn.full:
            return True
        return advance(self, to, emission, **options)

    with mock.patch.multiple(Scheduler, _turn=turn_and_note, _advance=advance_if_alone):
        yield
