"""The ticker goes while tasks are due every second: nothing missing, nothing twice, the next owner in time."""

import signal

import pytest

from tasker_devstack.occurrence_audit import MAX_LATENESS_MS, AuditRecord, audit, lifetimes
from tests.chaos.steady_load import SteadyLoad

TASKS = [f"steady-{n:02d}" for n in range(48)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "SIGTERM"])
async def test_nothing_is_missing_or_doubled_when_the_owner_goes(kafka: str, topics: str, how: signal.Signals) -> None:
    load = SteadyLoad(kafka, topics, TASKS)
    async with load.ticker() as first:
        await load.put()
        await load.owned_by(first)
        async with load.ticker() as second:
            await load.owned_by(first, second)
            await load.run_for(1)
            await first.stop(number=how)
            await load.owned_by(second)
            await load.run_for(2)
            await load.delete()
    found = await load.records()
    report = audit(found, lifetimes(found))
    assert report.violations == []
    assert report.missed == 0
    assert_that_the_audit_sees(found)


async def test_who_starts_in_the_place_of_a_killed_one_does_not_wait_until_the_group_misses_it(
    kafka: str, topics: str
) -> None:
    load = SteadyLoad(kafka, topics, TASKS)
    async with load.ticker("ticker-0") as first:
        await load.put()
        await load.owned_by(first)
        await load.run_for(1)
        await first.kill()
        async with load.ticker("ticker-0") as second:
            await load.owned_by(second)
            assert "predecessor removed" in second.last_output()
            await load.run_for(2)
            await load.delete()
    report = await load.audit()
    assert (report.violations, report.missed) == ([], 0)


def assert_that_the_audit_sees(found: list[AuditRecord]) -> None:
    """A record of this very log that is removed, doubled or late is found."""
    due = lifetimes(found)
    place, run = next((n, record) for n, record in enumerate(found) if record.value["type"] == "run")
    assert len(audit(found[:place] + found[place + 1 :], due).violations) == 1
    assert len(audit([*found, run], due).violations) == 2
    late = run._replace(appended=run.appended + 2 * MAX_LATENESS_MS)
    assert len(audit([*found[:place], late, *found[place + 1 :]], due).violations) == 1
