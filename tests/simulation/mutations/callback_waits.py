"""Mutations of what is done about attempts that wait for their callback."""

from typing import Any
from unittest import mock

from msgspec.structs import replace

from tasker_core.ticker_state import RunMemory
from tasker_ticker.scheduling.events import callback_waits
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.state import PartitionState


def every_report_counts() -> Any:
    """A second report of an attempt counts, too."""
    return mock.patch.object(callback_waits, "_is_too_late", return_value=False)


def early_report_forgotten() -> Any:
    """A report that comes before its attempt waits is lost."""
    remember = PartitionState.remember_run

    def without(self: PartitionState, run_id: str, memory: RunMemory, records: BatchRecords) -> None:
        remember(self, run_id, replace(memory, report=None), records)

    return mock.patch.object(PartitionState, "remember_run", without)


def wait_not_remembered() -> Any:
    """A restart does not know what waits."""
    store = BatchRecords.store_run

    def without(self: BatchRecords, run_id: str, memory: RunMemory) -> None:
        waits = memory.pending is not None and memory.pending.wait is not None
        store(self, run_id, replace(memory, pending=None) if waits else memory)

    return mock.patch.object(BatchRecords, "store_run", without)


def end_not_remembered() -> Any:
    """A restart does not know that the end of an attempt was reported, so that its repeated wait begins anew."""
    store = BatchRecords.store_run

    def without(self: BatchRecords, run_id: str, memory: RunMemory) -> None:
        store(self, run_id, replace(memory, waited=0))

    return mock.patch.object(BatchRecords, "store_run", without)
