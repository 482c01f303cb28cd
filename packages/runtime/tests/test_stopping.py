"""Stopping a client: always within a bound, and its troubles stay its own."""

import asyncio

import pytest

from tasker_runtime.kafka.client import KafkaError, stop_bounded


async def test_a_cancellation_inside_a_client_is_not_ours() -> None:
    async def awaits_what_it_cancelled() -> None:
        fetching = asyncio.create_task(asyncio.Event().wait())
        await asyncio.sleep(0)
        fetching.cancel()
        await fetching

    await stop_bounded(awaits_what_it_cancelled(), "a client")


async def test_what_never_stops_is_left_behind() -> None:
    async def deaf() -> None:
        for _ in range(2):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    async with asyncio.timeout(5):
        await stop_bounded(deaf(), "a client", seconds=0.01)


async def test_errors_of_kafka_are_passed_over_and_others_are_not() -> None:
    async def fails(error: Exception) -> None:
        raise error

    await stop_bounded(fails(KafkaError("gone")), "a client")
    with pytest.raises(ZeroDivisionError):
        await stop_bounded(fails(ZeroDivisionError()), "a client")


async def test_our_own_cancellation_comes_through() -> None:
    stopping = asyncio.create_task(stop_bounded(asyncio.Event().wait(), "a client"))
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
