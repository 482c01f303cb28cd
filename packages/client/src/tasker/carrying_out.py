"""Carries a handler out where it wants to run."""

import asyncio
import contextlib
import contextvars
import threading
from typing import Any, cast

from tasker.failure import Failed
from tasker.handler import Handler
from tasker.processes import Processes
from tasker.run import Control, Facts, Run, run_of


async def carry_out(handler: Handler[Any], facts: Facts, control: Control, processes: Processes) -> object:
    """What the handler returns. Raises what it raises, if it is an Exception, else Failed; cancelled, it stops what it
    can."""
    if handler.mode == "process":
        return await processes.carry_out(handler.place, facts, control)
    run = run_of(facts, handler.decoded(bytes(facts.payload)), control)
    try:
        if handler.mode == "thread":
            return await _in_thread(handler, run)
        return await cast("Any", handler.function(run))
    except (Exception, asyncio.CancelledError, GeneratorExit):
        raise
    except BaseException as error:  # an exit, say: it would end the executor
        raise Failed("error", f"{type(error).__name__}: {error}") from error
    finally:
        control.stop.set()


async def _in_thread(handler: Handler[Any], run: Run[Any]) -> object:
    """In a thread of its own, which is left alone when nobody waits for it any more."""
    loop = asyncio.get_running_loop()
    rest = run.control.rest = loop.create_future()
    outcome: list[tuple[object, BaseException | None]] = []

    def work() -> None:
        try:
            outcome.append((handler.function(run), None))
        except BaseException as error:  # noqa: BLE001 -- it is raised where it is waited for
            outcome.append((None, error))
        with contextlib.suppress(RuntimeError):  # the loop is gone
            loop.call_soon_threadsafe(rest.set_result, None)

    work_in_context = contextvars.copy_context().run
    threading.Thread(target=work_in_context, args=(work,), name=f"{run.handler}-{run.run_id}", daemon=True).start()
    await asyncio.shield(rest)
    ((result, error),) = outcome
    if error is not None:
        raise error
    return result
