"""Bugs on purpose in the background lane, and in what is remembered of runs, backfills and finished tasks."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from msgspec.structs import replace

from tasker_core.messages import Cancel, encode
from tasker_ticker.scheduling.background import Background
from tasker_ticker.scheduling.events.task_events import Change
from tasker_ticker.scheduling.memory.held_task import Held
from tasker_ticker.scheduling.memory.watermark import Position
from tasker_ticker.scheduling.misfire import Gap
from tasker_ticker.scheduling.records import Emission
from tasker_ticker.scheduling.state import State

# What is patched is private to the ticker, and its surroundings are untyped on purpose.
# pyright: reportPrivateUsage=false


@contextmanager
def cursor_not_written() -> Generator[None]:
    """A restart visits all tasks of a gap once more."""
    write = Position.watermark

    def watermark(self: Position, owner: str) -> bytes:
        gaps, self.gaps = self.gaps, [Gap(gap.after, gap.to) for gap in self.gaps]
        try:
            return write(self, owner)
        finally:
            self.gaps = gaps

    with mock.patch.object(Position, "watermark", watermark):
        yield


@contextmanager
def budget_not_kept() -> Generator[None]:
    """As much as fits is done in each turn."""
    begin = Background.__init__

    def at_will(self: Background, state: State, _rate: int) -> None:
        begin(self, state, 1 << 30)

    with mock.patch.object(Background, "__init__", at_will):
        yield


@contextmanager
def runs_not_counted() -> Generator[None]:
    """Of `max_runs`, a restart knows none that are out."""
    state = Held.state

    def forgetful(self: Held) -> bytes:
        done, self.runs_done = self.runs_done, 0
        try:
            return state(self)
        finally:
            self.runs_done = done

    with mock.patch.object(Held, "state", forgetful):
        yield


@contextmanager
def end_not_remembered() -> Generator[None]:
    """A restart does not know that a task is finished."""
    state = Held.state

    def forgetful(self: Held) -> bytes:
        at, self.finished_at = self.finished_at, None
        try:
            return state(self)
        finally:
            self.finished_at = at

    with mock.patch.object(Held, "state", forgetful):
        yield


def removed_with_something_to_come() -> Any:
    """A finished task goes when its retention is over, whatever of it is still to come."""

    def remove(self: State, task: Held, _at: int, emission: Emission) -> None:
        emission.removed(task)
        self.drop(task, emission)

    return mock.patch.object(State, "remove", remove)


@contextmanager
def retry_not_remembered() -> Generator[None]:
    """A restart does not know of attempts to come."""
    remember = Emission.remember_run

    def forget(self: Emission, run_id: str, memory: Any) -> None:
        remember(self, run_id, None if memory is None else replace(memory, pending=None))

    with mock.patch.object(Emission, "remember_run", forget):
        yield


@contextmanager
def backfill_not_advanced() -> Generator[None]:
    """A restart begins each backfill once more."""
    remember = Emission.remember_backfill
    first: dict[str, Any] = {}

    def stale(self: Emission, event_id: str, state: Any) -> None:
        remember(self, event_id, None if state is None else first.setdefault(event_id, state))

    with mock.patch.object(Emission, "remember_backfill", stale):
        yield


def cancel_in_one_lane() -> Any:
    """Executors of the background lane are not told of a cancel."""

    def cancel(self: Emission, task_id: str, run_id: str | None) -> None:
        self.turn.add("due-tasks", task_id, encode(Cancel(task_id=task_id, run_id=run_id)))

    return mock.patch.object(Emission, "cancel", cancel)


@contextmanager
def trigger_with_the_own_payload() -> Generator[None]:
    """A trigger's payload is not the one that the run bears."""
    trigger = Change._trigger

    def without(self: Change, event: Any, task: Held) -> None:
        trigger(self, mock.Mock(wraps=event, has_payload=False), task)

    with mock.patch.object(Change, "_trigger", without):
        yield
