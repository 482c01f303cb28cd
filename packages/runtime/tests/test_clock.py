"""Waits that end with time."""

import asyncio

from tasker_runtime.clock import is_set_within


async def test_a_wait_for_an_event_says_whether_it_was_set() -> None:
    event = asyncio.Event()
    assert not await is_set_within(event, 0)
    assert not await is_set_within(event, 0.001)
    asyncio.get_running_loop().call_soon(event.set)
    assert await is_set_within(event, 20)
    assert await is_set_within(event, 0), "it is set already"


async def test_a_wait_that_is_cancelled_ends_as_cancelled() -> None:
    waiting = asyncio.create_task(is_set_within(asyncio.Event(), 20))
    asyncio.get_running_loop().call_soon(waiting.cancel)
    await asyncio.wait([waiting], timeout=20)
    assert waiting.cancelled()
