"""The ticker goes while tasks are due every second: nothing missing, nothing twice, the next owner in time."""

import signal

import pytest

from tasker_devstack.fates import PROMISE_MS, Row, judge, lives
from tests.chaos.steady import Steady

TASKS = [f"steady-{n:02d}" for n in range(48)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "SIGTERM"])
async def test_nothing_is_missing_or_doubled_when_the_owner_goes(kafka: str, topics: str, how: signal.Signals) -> None:
    steady = Steady(kafka, topics, TASKS)
    async with steady.ticker() as first:
        await steady.put()
        await steady.owned_by(first)
        async with steady.ticker() as second:
            await steady.owned_by(first, second)
            await steady.run_for(1)
            await first.stop(number=how)
            await steady.owned_by(second)
            await steady.run_for(2)
            await steady.delete()
    found = await steady.rows()
    fates = judge(found, lives(found))
    assert fates.wrong == []
    assert fates.missed == 0
    assert_that_the_judge_sees(found)


def assert_that_the_judge_sees(found: list[Row]) -> None:
    """A record of this very log that is removed, doubled or late is found."""
    due = lives(found)
    place, run = next((n, row) for n, row in enumerate(found) if row.value["type"] == "run")
    assert len(judge(found[:place] + found[place + 1 :], due).wrong) == 1
    assert len(judge([*found, run], due).wrong) == 2
    late = run._replace(appended=run.appended + 2 * PROMISE_MS)
    assert len(judge([*found[:place], late, *found[place + 1 :]], due).wrong) == 1
