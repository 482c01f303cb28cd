"""Handlers in the event loop and in threads, and what the test kit says of them."""

import asyncio
import logging
import threading
from datetime import timedelta

import pytest
from pydantic import JsonValue

from tasker import Failed, Run, handler
from tasker.testing import attempt
from tasker_devstack.polling import pause

SHORT = timedelta(seconds=0.2)


async def test_a_thread_that_hangs_is_told_to_stop_and_left_alone() -> None:
    begun, stopped = threading.Event(), threading.Event()

    @handler(mode="thread")
    def blocks(run: Run[JsonValue]) -> str:
        begun.set()
        while not run.cancelled:
            pause()
        stopped.set()
        return "too late"

    outcome = await attempt(blocks, limit=SHORT)
    assert (outcome.outcome, outcome.kind, begun.is_set()) == ("failed", "timeout", True)
    assert await asyncio.to_thread(stopped.wait, 10)


async def test_a_thread_returns_and_raises() -> None:
    @handler(mode="thread")
    def returns(run: Run[JsonValue]) -> str:
        run.logger.info("in %s", threading.current_thread().name)
        return "done"

    @handler(mode="thread")
    def exits(_: Run[JsonValue]) -> None:
        raise SystemExit(3)

    done = await attempt(returns)
    assert (done.result, done.lines) == ("done", ["in handler-0123456789abcdef0123456789abcdef"])
    assert (await attempt(exits)).message == "SystemExit: 3"


class Strange(BaseException):
    """What is no Exception, as some libraries have it."""


async def test_whatever_is_raised_is_a_failure_of_the_attempt_and_nothing_else() -> None:
    @handler(mode="thread")
    def in_thread(_: Run[JsonValue]) -> None:
        raise Strange("odd")

    async def in_loop(_: Run[JsonValue]) -> None:
        raise BaseExceptionGroup("two", [Strange("odd"), KeyboardInterrupt()])

    assert (await attempt(in_thread)).message == "Strange: odd"
    assert (await attempt(in_loop)).message.startswith("BaseExceptionGroup: two")


async def test_a_coroutine_is_cancelled_and_may_tidy_up() -> None:
    tidied: list[bool] = []

    async def waits(run: Run[JsonValue]) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            tidied.append(run.cancelled)

    assert (await attempt(waits, limit=SHORT)).kind == "timeout"
    assert (await attempt(waits, cancel=asyncio.sleep(0))).outcome == "cancelled"
    assert len(tidied) == 2


async def test_what_a_coroutine_raises_is_reported() -> None:
    async def fails(_: Run[JsonValue]) -> None:
        raise Failed("no_luck", "it was not to be", retry=False, result={"kept": 1})

    async def exits(_: Run[JsonValue]) -> None:
        raise SystemExit(3)

    async def odd(_: Run[JsonValue]) -> object:
        return object()

    failed = await attempt(fails)
    assert (failed.kind, failed.retry, failed.result) == ("no_luck", False, {"kept": 1})
    assert (await attempt(exits)).kind == "error"

    async def much(_: Run[JsonValue]) -> object:
        return "x" * (512 * 1024)

    async def fails_oddly(_: Run[JsonValue]) -> None:
        raise Failed("no_luck", "it was not to be", result=object())

    unusable = [await attempt(odd), await attempt(much)]
    assert [(one.kind, one.retry) for one in unusable] == [("result_not_json", False), ("result_too_large", False)]
    odd_result = await attempt(fails_oddly)
    assert (odd_result.kind, odd_result.retry, odd_result.result) == ("no_luck", True, None)


@pytest.mark.parametrize("level", [logging.NOTSET, logging.ERROR])
async def test_the_kit_leaves_the_logger_as_it_was(level: int) -> None:
    logger = logging.getLogger("tasker.handler")
    before, handlers = logger.level, list(logger.handlers)
    logger.setLevel(level)

    async def logs(run: Run[JsonValue]) -> None:
        run.logger.info("seen")

    try:
        outcome = await attempt(logs)
        assert outcome.lines == ["seen"]
        assert (logger.level, logger.handlers) == (level, handlers)
    finally:
        logger.setLevel(before)
