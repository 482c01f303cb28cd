"""Executes a handler in the mode that it declares: in the event loop, a thread or a process."""

import asyncio
import contextlib
import contextvars
import threading
from typing import Any, cast

from tasker.failure import Failed
from tasker.handler_declaration import Handler
from tasker.process_pool import ProcessPool
from tasker.run import AttemptControl, AttemptSpec, Run, run_of


async def execute(handler: Handler[Any], spec: AttemptSpec, control: AttemptControl, processes: ProcessPool) -> object:
    """What the handler returns. Raises what it raises, if it is an Exception, else Failed; cancelled, it stops what it
    can."""
    if handler.mode == "process":
        return await processes.execute(handler.import_path, spec, control)
    run = run_of(spec, handler.decoded(bytes(spec.payload)), control)
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
    """In a thread of its own, which is abandoned when nobody waits for it any more."""
    loop = asyncio.get_running_loop()
    done = run.control.thread_done = loop.create_future()
    outcome: list[tuple[object, BaseException | None]] = []

    def work() -> None:
        try:
            outcome.append((handler.function(run), None))
        except BaseException as error:  # noqa: BLE001 -- it is raised where it is waited for
            outcome.append((None, error))
        with contextlib.suppress(RuntimeError):  # the loop is gone
            loop.call_soon_threadsafe(done.set_result, None)

    work_in_context = contextvars.copy_context().run
    threading.Thread(target=work_in_context, args=(work,), name=f"{run.handler}-{run.run_id}", daemon=True).start()
    await asyncio.shield(done)
    ((result, error),) = outcome
    if error is not None:
        raise error
    return result
