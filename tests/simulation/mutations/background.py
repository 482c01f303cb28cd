"""Mutations of the background lane, and of what is remembered of runs, backfills and finished tasks."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from msgspec.structs import replace

from tasker_core.messages.base import encode
from tasker_core.messages.runs import Cancel
from tasker_core.ticker_state import BackfillState, RunMemory
from tasker_ticker.scheduling.alerts.alert_runs import AlertRuns
from tasker_ticker.scheduling.background_work import BackgroundLane
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.memory.watermark import CatchUpGap, WatermarkAuthor, WatermarkPosition
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.state import PartitionState


@contextmanager
def cursor_not_written() -> Generator[None]:
    """A restart visits all tasks of a gap once more."""
    to_record = WatermarkPosition.to_record

    def without_cursor(self: WatermarkPosition, author: WatermarkAuthor) -> bytes:
        gaps, self.gaps = self.gaps, [CatchUpGap(gap.after, gap.to) for gap in self.gaps]
        try:
            return to_record(self, author)
        finally:
            self.gaps = gaps

    with mock.patch.object(WatermarkPosition, "to_record", without_cursor):
        yield


@contextmanager
def budget_not_kept() -> Generator[None]:
    """As much as fits is done in each batch."""
    begin = BackgroundLane.__init__

    def without_budget(self: BackgroundLane, state: PartitionState, _rate: int, alert_runs: AlertRuns) -> None:
        begin(self, state, 1 << 30, alert_runs)

    with mock.patch.object(BackgroundLane, "__init__", without_budget):
        yield


@contextmanager
def runs_not_counted() -> Generator[None]:
    """Of `max_runs`, a restart knows none that were emitted."""
    to_state = HeldTask.to_state

    def forgetful(self: HeldTask) -> bytes:
        done, self.runs_done = self.runs_done, 0
        try:
            return to_state(self)
        finally:
            self.runs_done = done

    with mock.patch.object(HeldTask, "to_state", forgetful):
        yield


@contextmanager
def end_not_remembered() -> Generator[None]:
    """A restart does not know that a task is finished."""
    to_state = HeldTask.to_state

    def forgetful(self: HeldTask) -> bytes:
        at, self.finished_at = self.finished_at, None
        try:
            return to_state(self)
        finally:
            self.finished_at = at

    with mock.patch.object(HeldTask, "to_state", forgetful):
        yield


def removed_while_pending() -> Any:
    """A finished task is removed when its retention is over, whatever of it is still pending."""

    def remove(self: PartitionState, task: HeldTask, at: int, records: BatchRecords) -> None:
        records.add_removed(task, at)
        self.delete_task(task, records)

    return mock.patch.object(PartitionState, "remove_finished", remove)


@contextmanager
def retry_not_remembered() -> Generator[None]:
    """A restart does not know of pending attempts."""
    store_run = BatchRecords.store_run

    def forget(self: BatchRecords, run_id: str, memory: RunMemory) -> None:
        store_run(self, run_id, replace(memory, pending=None))

    with mock.patch.object(BatchRecords, "store_run", forget):
        yield


@contextmanager
def backfill_not_advanced() -> Generator[None]:
    """A restart begins each backfill once more."""
    store_backfill = BatchRecords.store_backfill
    first: dict[str, BackfillState] = {}

    def stale(self: BatchRecords, name: str, state: BackfillState) -> None:
        store_backfill(self, name, first.setdefault(name, state))

    with mock.patch.object(BatchRecords, "store_backfill", stale):
        yield


def cancel_in_one_lane() -> Any:
    """Executors of the background lane get no cancel."""

    def cancel(self: BatchRecords, task_id: str, run_id: str | None) -> None:
        self.batch.add("due-tasks", task_id, encode(Cancel(task_id=task_id, run_id=run_id)))

    return mock.patch.object(BatchRecords, "add_cancel", cancel)
