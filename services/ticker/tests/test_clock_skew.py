"""A clock that is not the broker's: ahead, nothing is emitted before its time; behind, all is late, and reported."""

from importlib.metadata import version
from uuid import uuid4

import pytest_asyncio

from tasker_devstack.occurrence_audit import AuditRecord, audit, epoch_second, lifetimes, read_records
from tasker_devstack.polling import eventually
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.topic_setup import create_topics
from tasker_ticker.testing.ticker_harness import RunningTicker, SkewedClock, TickerHarness
from tasker_ticker.ticker_limits import TickerLimits

TASKS = [f"steady-{n}" for n in range(6)]
AHEAD_MS, BEHIND_MS = 2_600, 3_000


@pytest_asyncio.fixture(loop_scope="session")
async def harness(kafka: str) -> TickerHarness:
    """Fresh topics of two partitions."""
    prefix = f"t{uuid4().hex[:10]}"
    await create_topics(KafkaConnection(kafka), prefix, partitions=2)
    return TickerHarness(kafka, prefix, partitions=2)


async def runs(harness: TickerHarness) -> list[AuditRecord]:
    return await read_records(harness.bootstrap, harness.prefix, "due-tasks")


async def some_runs(harness: TickerHarness, more_than: int = 0) -> None:
    async def look() -> bool:
        return len(await runs(harness)) > more_than

    await eventually(look, "runs")


async def audited(harness: TickerHarness) -> list[AuditRecord]:
    """All that was ever committed, once the tasks are deleted."""
    await harness.delete(TASKS)

    async def look() -> list[AuditRecord] | None:
        found = await read_records(harness.bootstrap, harness.prefix)
        return found if len(lifetimes(found)) == len(TASKS) else None

    return await eventually(look, "the deletes")


def discarded(ticker: RunningTicker, number: int) -> list[str]:
    return [line["reason"] for line in ticker.log.fields_of("owner discarded") if line["partition"] == number]


async def test_ahead_it_emits_nothing_and_is_red_until_it_is_set_right(harness: TickerHarness) -> None:
    clock = SkewedClock()
    async with harness.running_ticker(clock=clock, limits=TickerLimits(clock_retry_seconds=0.5)) as ticker:
        await harness.put(TASKS)
        await some_runs(harness)
        clock.offset_ms = AHEAD_MS

        async def all_red(times: int = 1) -> bool:
            return all(len(discarded(ticker, number)) >= times for number in range(2))

        await eventually(all_red, "both owners discarded")
        before = await runs(harness)
        already = len(discarded(ticker, 0))
        await eventually(lambda: all_red(already + 2), "both tried again, more than once")
        assert await runs(harness) == before
        assert not ticker.ready
        for number in range(2):
            detail = ticker.health.checks[f"partition-{number}"].detail
            assert "ms ahead of the broker's: set it right" in detail
            assert all(reason.startswith("ClockAhead") for reason in discarded(ticker, number))
        clock.offset_ms = 0
        await some_runs(harness, more_than=len(before))

        async def ready() -> bool:
            return ticker.ready

        await eventually(ready, "green again")
        found = await audited(harness)
    assert audit(found, lifetimes(found), within_ms=None).violations == []
    early = [
        row
        for row in found
        if row.value["type"] == "run" and row.appended < epoch_second(row.value["nominal_at"]) * 1000
    ]
    assert max((epoch_second(row.value["nominal_at"]) * 1000 - row.appended for row in early), default=0) < 1_000


async def test_behind_it_goes_on_and_reports_it(harness: TickerHarness) -> None:
    async with harness.running_ticker(clock=SkewedClock(-BEHIND_MS)) as ticker:
        await harness.put(TASKS)
        await some_runs(harness, more_than=2 * len(TASKS))

        async def ready() -> bool:
            return ticker.ready

        await eventually(ready, "green")
        for number in range(2):
            assert "ms behind the broker's" in ticker.health.checks[f"partition-{number}"].detail
        assert {line["partition"] for line in ticker.log.fields_of("clock behind")} == {0, 1}
        assert not ticker.log.fields_of("owner discarded")
        marks = await read_records(harness.bootstrap, harness.prefix, "watermarks")
        last = {mark.partition: mark.value for mark in marks}
        assert all(-BEHIND_MS - 100 < mark["clock_offset_ms"] < -BEHIND_MS + 500 for mark in last.values())
        assert sum(mark["held"] for mark in last.values()) == len(TASKS)
        assert {mark["version"] for mark in last.values()} == {version("tasker-ticker")}
        found = await audited(harness)
    result = audit(found, lifetimes(found))
    assert result.violations == []
    assert result.worst_ms >= BEHIND_MS - 500
