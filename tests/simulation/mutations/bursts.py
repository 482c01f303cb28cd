"""Mutations where a second is cut into several transactions."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from tasker_core.messages.watermark import Watermark
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.memory.watermark import WatermarkPosition
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.scheduler import Scheduler
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent

# What is patched is private to the ticker, and its surroundings are untyped on purpose.
# pyright: reportPrivateUsage=false


def _restored(change: Callable[[WatermarkPosition], None]) -> Any:
    """Where something else is read from the watermark than it states."""
    from_message = WatermarkPosition.from_message

    def read(mark: Watermark) -> WatermarkPosition:
        position = from_message(mark)
        change(position)
        return position

    return mock.patch.object(WatermarkPosition, "from_message", read)


def off_by_one_at_the_cut() -> Any:
    """The last task that was emitted is taken for the first that was not."""

    def one_less(position: WatermarkPosition) -> None:
        if (after := position.burst_after) is not None:
            position.burst_after = f"{after[:-1]}{chr(ord(after[-1]) - 1)}~"

    return _restored(one_less)


def position_ignored() -> Any:
    """The second begins once more with its first task."""

    def from_the_first(position: WatermarkPosition) -> None:
        position.burst_after = None

    return _restored(from_the_first)


def taken_as_finished() -> Any:
    """The rest of the second is not done any more."""

    def with_the_next(position: WatermarkPosition) -> None:
        if position.burst_after is not None:
            position.second, position.burst_after = position.second + 1, None

    return _restored(with_the_next)


def position_lost_in_a_gap() -> Any:
    """A second that was cut, and is too late to be finished live, becomes a gap for all its tasks."""
    open_gap = Scheduler._open_gap

    def open_for_all(self: Scheduler, to: int, batch: TransactionBatch) -> bool:
        self.state.position.burst_after = None
        return open_gap(self, to, batch)

    return mock.patch.object(Scheduler, "_open_gap", open_for_all)


@contextmanager
def event_in_between() -> Generator[None]:
    """An event that waits is applied before the second is finished."""
    build, advance = Scheduler._build_batch, Scheduler._advance
    waiting: dict[Scheduler, bool] = {}

    def build_and_note(
        self: Scheduler, now_ms: int, inbox: Sequence[IncomingEvent], *args: Any, **options: Any
    ) -> TransactionBatch:
        waiting[self] = bool(inbox)
        return build(self, now_ms, inbox, *args, **options)

    def advance_if_alone(self: Scheduler, to: int, records: BatchRecords, **options: Any) -> bool:
        if self.state.position.burst_after is not None and waiting[self] and not records.batch.is_full:
            return True
        return advance(self, to, records, **options)

    with mock.patch.multiple(Scheduler, _build_batch=build_and_note, _advance=advance_if_alone):
        yield
