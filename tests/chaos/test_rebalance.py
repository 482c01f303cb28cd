"""A second ticker joins and leaves: partitions that stay run on, those that move are handed over in time."""

from tasker_devstack.occurrence_audit import AuditRecord, epoch_second
from tests.chaos.steady_load import SteadyLoad, owner

TASKS = [f"steady-{n:04d}" for n in range(1_200)]
IN_TIME_MS = 10_000


def worst(runs: list[AuditRecord], since: int, partitions: set[int]) -> int:
    """The greatest lateness in some partitions, in milliseconds, of what is nominal from a second on."""
    late = [
        record.appended - nominal * 1_000
        for record in runs
        if record.partition in partitions and (nominal := epoch_second(record.value["nominal_at"])) >= since
    ]
    return max(late)


def last_second(runs: list[AuditRecord]) -> int:
    return max(epoch_second(record.value["nominal_at"]) for record in runs)


async def test_what_stays_runs_on_and_what_moves_is_handed_over(kafka: str, topics: str) -> None:
    load = SteadyLoad(kafka, topics, TASKS)
    async with load.ticker() as first:
        await load.put()
        await load.owned_by(first)
        await load.run_for(2)
        began = last_second(await load.records("due-tasks"))
        async with load.ticker() as joined:
            owners = await load.owned_by(first, joined)
            moved = {partition for partition, name in owners.items() if name == owner(joined)}
            stayed = set(owners) - moved
            await load.run_for(2)
            left = last_second(await load.records("due-tasks"))
            await joined.stop()
            await load.owned_by(first)
            await load.run_for(2)
        await load.delete()
    report = await load.audit()
    assert report.violations == []
    assert report.missed == 0
    assert 0 < len(moved) < len(owners)
    runs = await load.records("due-tasks")
    joining = [record for record in runs if epoch_second(record.value["nominal_at"]) < left]
    marks = await load.records("watermarks")
    assert {mark.value["owner"] for mark in marks if mark.partition in stayed} == {owner(first)}
    assert worst(runs, began, stayed) < IN_TIME_MS
    assert worst(joining, began, moved) < IN_TIME_MS
    assert worst(runs, left, moved) < IN_TIME_MS
