"""A clock that is not the broker's: ahead, nothing is emitted before its time; behind, all of it is late, and told."""

from uuid import uuid4

import pytest
import pytest_asyncio

from tasker_devstack.occurrence_audit import AuditRecord, audit, epoch_second, lifetimes, read_records
from tasker_devstack.polling import eventually
from tasker_runtime.topics import create_topics
from tasker_ticker import partition
from tasker_ticker.trial import SetClock, Ticking, Trial

TASKS = [f"steady-{n}" for n in range(6)]
AHEAD_MS, BEHIND_MS = 2_600, 3_000


@pytest_asyncio.fixture(loop_scope="session")
async def trial(kafka: str) -> Trial:
    """Fresh topics of two partitions."""
    prefix = f"t{uuid4().hex[:10]}"
    await create_topics(kafka, prefix, partitions=2)
    return Trial(kafka, prefix, partitions=2)


async def runs(trial: Trial) -> list[AuditRecord]:
    return await read_records(trial.bootstrap, trial.prefix, "due-tasks")


async def some_runs(trial: Trial, more_than: int = 0) -> None:
    async def look() -> bool:
        return len(await runs(trial)) > more_than

    await eventually(look, "runs")


async def judged(trial: Trial) -> list[AuditRecord]:
    """All that was ever committed, once the tasks are deleted."""
    await trial.delete(TASKS)

    async def look() -> list[AuditRecord] | None:
        found = await read_records(trial.bootstrap, trial.prefix)
        return found if len(lifetimes(found)) == len(TASKS) else None

    return await eventually(look, "the deletes")


def thrown_away(ticking: Ticking, number: int) -> list[str]:
    return [line["reason"] for line in ticking.log.told("owner thrown away") if line["partition"] == number]


async def test_ahead_it_emits_nothing_and_is_red_until_it_is_set_right(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition, "CLOCK_SECONDS", 0.5)
    clock = SetClock()
    async with trial.ticking(clock=clock) as ticking:
        await trial.put(TASKS)
        await some_runs(trial)
        clock.off_ms = AHEAD_MS

        async def all_red(times: int = 1) -> bool:
            return all(len(thrown_away(ticking, number)) >= times for number in range(2))

        await eventually(all_red, "both partitions thrown away")
        stood = await runs(trial)
        already = len(thrown_away(ticking, 0))
        await eventually(lambda: all_red(already + 2), "both tried again, more than once")
        assert await runs(trial) == stood
        assert not ticking.ready
        for number in range(2):
            told = ticking.health.checks[f"partition-{number}"].detail
            assert "ms ahead of the broker's: set it right" in told
            assert all(reason.startswith("ClockAhead") for reason in thrown_away(ticking, number))
        clock.off_ms = 0
        await some_runs(trial, more_than=len(stood))

        async def ready() -> bool:
            return ticking.ready

        await eventually(ready, "green again")
        found = await judged(trial)
    assert audit(found, lifetimes(found), within_ms=None).violations == []
    early = [
        row
        for row in found
        if row.value["type"] == "run" and row.appended < epoch_second(row.value["nominal_at"]) * 1000
    ]
    assert max((epoch_second(row.value["nominal_at"]) * 1000 - row.appended for row in early), default=0) < 1_000


async def test_behind_it_goes_on_and_says_so(trial: Trial) -> None:
    async with trial.ticking(clock=SetClock(-BEHIND_MS)) as ticking:
        await trial.put(TASKS)
        await some_runs(trial, more_than=2 * len(TASKS))

        async def ready() -> bool:
            return ticking.ready

        await eventually(ready, "green")
        for number in range(2):
            assert "ms behind the broker's" in ticking.health.checks[f"partition-{number}"].detail
        assert {line["partition"] for line in ticking.log.told("clock behind")} == {0, 1}
        assert not ticking.log.told("owner thrown away")
        found = await judged(trial)
    fates = audit(found, lifetimes(found))
    assert fates.violations == []
    assert fates.worst_ms >= BEHIND_MS - 500
