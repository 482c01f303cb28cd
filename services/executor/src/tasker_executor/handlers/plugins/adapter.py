"""Makes plug-ins handlers of this executor."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tasker.execution import execute
from tasker.failure import Failed
from tasker.handler_declaration import Handler
from tasker.process_pool import ProcessPool
from tasker.run import After, AttemptControl, AttemptSpec, Progress
from tasker_core.chains.links import Predecessor
from tasker_core.messages.runs import Run
from tasker_core.time.duration import parse_duration
from tasker_executor.attempt_failure import AttemptFailed, PartialResult
from tasker_executor.handlers.local_handlers import LocalHandlers, SlowHandler
from tasker_executor.handlers.plugins.lingering_threads import LingeringThreads
from tasker_executor.handlers.plugins.loader import LoadedPlugins
from tasker_executor.run_log_fields import run_fields
from tasker_executor.run_spans import RunSpans
from tasker_runtime.clock import Clock
from tasker_runtime.logs import Log

PROGRESS_SECONDS = 1.0
"""The progress of an attempt is logged at most once in this time."""


def install_plugins(
    plugins: LoadedPlugins,
    handlers: LocalHandlers,
    processes: ProcessPool,
    lingering_threads: LingeringThreads,
    clock: Clock,
    log: Log,
    spans: RunSpans | None = None,
) -> None:
    """Add plug-ins to the handlers of this executor. A run of a broken one fails, and says why."""
    for name, handler in plugins.handlers.items():
        handlers.slow[name] = plugin_handler(handler, processes, lingering_threads, clock, log, spans)
    for name, reason in plugins.broken.items():
        log.error("plug-in not loaded", handler=name, reason=reason)
        if name not in handlers:
            handlers.slow[name] = _broken(reason)


def plugin_handler(
    handler: Handler[Any],
    processes: ProcessPool,
    lingering_threads: LingeringThreads,
    clock: Clock,
    log: Log,
    spans: RunSpans | None = None,
) -> SlowHandler:
    """A plug-in as a handler of this executor; its threads that go on become lingering ones."""

    traced = spans or RunSpans()

    async def run_plugin(run: Run) -> object:
        spec, control = _spec(run, clock, traced.attempt_traceparent(run)), AttemptControl(_progress_log(run, log))
        try:
            return await execute(handler, spec, control, processes)
        except Failed as failure:
            raise AttemptFailed(failure.kind, failure.message, failure.result, final=not failure.retry) from failure
        except asyncio.CancelledError as error:
            if control.progress is not None:
                error.args = (*error.args, PartialResult({"progress": control.progress}))
            raise
        finally:
            if control.thread_done is not None and not control.thread_done.done():
                lingering_threads.add(run.run_id, control.thread_done)

    return run_plugin


def _spec(run: Run, clock: Clock, traceparent: str | None) -> AttemptSpec:
    timeout = parse_duration(run.policy.timeout)
    now = datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    return AttemptSpec(
        task_id=run.task_id,
        task_name=run.task_name,
        run_id=run.run_id,
        kind="manual" if run.kind == "alert" else run.kind,  # alerts are for built-in handlers
        nominal_at=datetime.fromisoformat(run.nominal_at),
        effective_at=datetime.fromisoformat(run.effective_at),
        attempt=run.attempt,
        handler=run.handler,
        payload=run.payload,
        timeout=timeout.total_seconds(),
        deadline=now + min(timeout, timedelta(days=36_500)),
        traceparent=traceparent,
        after=None if run.after is None else _after(run.after),
    )


def _after(predecessor: Predecessor) -> After:
    return After(
        task_id=predecessor.task_id,
        run_id=predecessor.run_id,
        nominal_at=datetime.fromisoformat(predecessor.nominal_at),
        outcome=predecessor.outcome,
    )


def _progress_log(run: Run, log: Log) -> Callable[[Progress], None]:
    logged_at: list[float] = []

    def write(progress: Progress) -> None:
        now = time.monotonic()
        if logged_at and now - logged_at[0] < PROGRESS_SECONDS:
            return
        logged_at[:] = [now]
        about = {**run_fields(run), "handler": run.handler}
        log.info("progress", **about, done=round(progress.done, 4), message=progress.message)

    return write


def _broken(reason: str) -> SlowHandler:
    async def broken(_: Run) -> object:
        raise AttemptFailed("plugin_broken", f"the plug-in can't be loaded here: {reason}")

    return broken
