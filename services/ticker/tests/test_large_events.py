"""Events with very much wrong in them: their answers fit records, so that the partition goes on."""

import json
from typing import Any

import pytest

from tasker_devstack.occurrence_audit import read_records
from tasker_devstack.polling import eventually
from tasker_ticker.testing.partition_harness import PartitionHarness
from tasker_ticker.testing.ticker_harness import TickerHarness

MAX_VERDICT_BYTES = 512 * 1024
CALL = {"handler": "http", "payload": {"url": "https://example.com"}}
WRONG_CALL = {"url": "https://example.com", "expect": [""] * 15_000}


@pytest.mark.parametrize(
    "event",
    [
        {"type": "trigger", "task_id": "a", "payload": WRONG_CALL},
        {"type": "put", "task": {"id": "a", "schedule": {"every": "PT1H"}, "handler": "http", "payload": WRONG_CALL}},
        {"type": "pause", "task_id": "a", "~" * 900_000: 1},
        {"type": "\x80" * 400_000, "task_id": "a"},
    ],
)
def test_the_answer_fits_a_record(event: dict[str, Any]) -> None:
    harness = PartitionHarness()
    harness.put(0, "a", {"every": "PT1H"}, **CALL)
    harness.append(1, event)
    harness.settle(1)
    verdict = harness.verdicts()[-1]
    assert verdict["verdict"] == "rejected"
    assert len(json.dumps(verdict)) < MAX_VERDICT_BYTES


def test_a_run_that_is_too_large_for_the_ticker_s_memory_is_not_kept() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"})
    harness.settle(1)
    harness.tick(10)
    run = harness.topics["due-tasks"][0] | {"payload": "x" * 1_200_000}
    harness.append(11, {"type": "retry", "run": run, "attempt": 2, "retry_at": "2026-01-01T12:00:40Z"})
    harness.settle(12)
    (error,) = harness.verdicts()[-1]["errors"]
    assert error["pointer"] == "/run"
    assert not any(name.startswith("run/") for name in harness.stored)


async def test_a_partition_goes_on_after_an_event_with_very_much_wrong_in_it(harness: TickerHarness) -> None:
    async with harness.running_ticker():
        await harness.send({"type": "pause", "task_id": "a"} | {f"x{number}": 1 for number in range(60_000)}, "a")
        await harness.send({"type": "put", "task": {"id": "a", "schedule": {"every": "PT1H"}}}, "a")

        async def both_answered() -> list[str] | None:
            found = await read_records(harness.bootstrap, harness.prefix, "verdicts")
            return [row.value["verdict"] for row in found] if len(found) >= 2 else None

        assert await eventually(both_answered, "both events answered") == ["rejected", "accepted"]
