"""A second ticker joins and leaves: partitions that stay run on, those that move are handed over quickly."""

from tasker_devstack.fates import Row, second
from tests.chaos.steady import Steady, owner

TASKS = [f"steady-{n:04d}" for n in range(1_200)]
RUNS_ON_MS, HAND_OVER_MS = 1_000, 2_000


def worst(runs: list[Row], since: int, partitions: set[int]) -> int:
    """The greatest lateness in some partitions, in milliseconds, of what is nominal from a second on."""
    late = [
        row.appended - nominal * 1_000
        for row in runs
        if row.partition in partitions and (nominal := second(row.value["nominal_at"])) >= since
    ]
    return max(late)


def last_second(runs: list[Row]) -> int:
    return max(second(row.value["nominal_at"]) for row in runs)


async def test_what_stays_runs_on_and_what_moves_is_handed_over(kafka: str, topics: str) -> None:
    steady = Steady(kafka, topics, TASKS)
    async with steady.ticker() as first:
        await steady.put()
        await steady.owned_by(first)
        await steady.run_for(2)
        began = last_second(await steady.rows("due-tasks"))
        async with steady.ticker() as joined:
            owners = await steady.owned_by(first, joined)
            moved = {partition for partition, name in owners.items() if name == owner(joined)}
            stayed = set(owners) - moved
            await steady.run_for(2)
            left = last_second(await steady.rows("due-tasks"))
            await joined.stop()
            await steady.owned_by(first)
            await steady.run_for(2)
        await steady.delete()
    fates = await steady.fates()
    assert fates.wrong == []
    assert fates.missed == 0
    assert 0 < len(moved) < len(owners)
    runs = await steady.rows("due-tasks")
    joining = [row for row in runs if second(row.value["nominal_at"]) < left]
    marks = await steady.rows("watermarks")
    assert {mark.value["owner"] for mark in marks if mark.partition in stayed} == {owner(first)}
    assert worst(runs, began, stayed) < RUNS_ON_MS
    assert worst(joining, began, moved) < HAND_OVER_MS
    assert worst(runs, left, moved) < HAND_OVER_MS
