"""The example's handlers, tested as their author would: without Kafka, with the kit that comes with Tasker."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tasker.testing import attempt
from tasker_core.errors import InvalidInput
from tasker_example.copy import copy
from tasker_example.greet import greet
from tasker_example.primes import primes


async def test_it_greets_in_every_language() -> None:
    outcome = await attempt(greet, {"name": "Ada", "language": "fr"})
    assert outcome.result == {"greeting": "Bonjour, Ada!"}
    assert outcome.lines == ["greeting Ada for 2026-01-01T12:00:00+00:00"]


async def test_nobody_is_not_greeted_however_often() -> None:
    outcome = await attempt(greet, {"name": "Nobody"})
    assert (outcome.outcome, outcome.kind, outcome.retry) == ("failed", "nobody", False)


async def test_a_task_without_a_name_is_not_even_saved() -> None:
    with pytest.raises(InvalidInput) as wrong:
        await attempt(greet, {"name": ""})
    assert [error.pointer for error in wrong.value.errors] == ["/name"]


async def test_a_copy_is_whole_or_not_there(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"x" * 200_000)
    payload = {"source": str(source), "target": str(target)}
    outcome = await attempt(copy, payload)
    assert outcome.result == {"bytes": 200_000}
    assert [done for done, _ in outcome.progress][-1] == 1
    missing = await attempt(copy, payload | {"source": str(tmp_path / "missing")})
    assert (missing.kind, missing.retry) == ("no_copy", True)
    assert sorted(path.name for path in await asyncio.to_thread(tmp_path.iterdir)) == ["source", "target"]


async def test_primes_are_counted_in_a_process_and_killed_when_time_is_over() -> None:
    assert (await attempt(primes, {"below": 100})).result == {"primes": 25}
    late = await attempt(primes, {"below": 1_000_000_000}, limit=timedelta(seconds=2))
    assert (late.outcome, late.kind) == ("failed", "timeout")


async def test_counting_can_be_cancelled() -> None:
    begun = asyncio.Event()
    outcome = await attempt(
        primes, {"below": 1_000_000_000}, cancel=begun.wait(), on_progress=lambda _done, _message: begun.set()
    )
    assert outcome.outcome == "cancelled"
