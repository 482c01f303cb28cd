"""Handlers that others wrote: found by their entry points, and made into handlers of this executor."""

import asyncio
import logging
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from tasker.execution import execute
from tasker.failure import Failed as HandlerFailed
from tasker.handler import Handler, as_handler
from tasker.process_pool import ProcessPool
from tasker.run import LOGGER, AttemptControl, AttemptSpec, Progress
from tasker_core.handlers.built_in import BUILT_IN
from tasker_core.handlers.handler_registry import NAME_PATTERN
from tasker_core.messages import Run
from tasker_core.time.duration import parse_duration
from tasker_executor.failure import Failed, Reached
from tasker_executor.handlers.local_handlers import Registry, Slow
from tasker_runtime.clock import Clock
from tasker_runtime.logs import Log

GROUP = "tasker.handlers"
OWN = ("TASKER_", "MONGODB_URL")
"""How the names of settings begin that may hold secrets, those of tasks above all."""
PROGRESS_SECONDS = 1.0
"""Progress is logged at most so often, for each attempt."""


@dataclass(frozen=True, slots=True)
class Plugins:
    """The handlers that could be loaded, by name, and why others could not."""

    handlers: dict[str, Handler[Any]] = field(default_factory=dict[str, Handler[Any]])
    broken: dict[str, str] = field(default_factory=dict[str, str])

    def told(self) -> str:
        """What there is, for the health check."""
        told = f"{len(self.handlers)} loaded"
        reasons = [f"{name!r} can't be loaded: {reason}" for name, reason in sorted(self.broken.items())]
        return "; ".join([told, *reasons])[:2_000]


def environment_of(executor: Mapping[str, str]) -> dict[str, str]:
    """The environment of plug-ins in processes: the executor's, but for what is Tasker's own business."""
    return {name: value for name, value in executor.items() if not name.startswith(OWN)}


def load(points: Iterable[EntryPoint] | None = None) -> Plugins:
    """Import the plug-ins that are installed. One that can't be is among the broken ones, whatever it raises."""
    found = Plugins()
    for point in entry_points(group=GROUP) if points is None else points:
        name = point.name
        if re.fullmatch(NAME_PATTERN, name) is None:
            found.broken[name] = f"the name of a handler is {NAME_PATTERN}"
        elif name in BUILT_IN:
            found.broken[name] = "it is the name of a handler that Tasker brings"
        elif name in found.handlers or name in found.broken:
            found.handlers.pop(name, None)
            found.broken[name] = "several packages bring a handler of this name"
        else:
            try:
                handler = as_handler(point.load())
            except (Exception, SystemExit) as error:  # noqa: BLE001 -- it runs whatever the package does
                found.broken[name] = f"{type(error).__name__}: {error}"
            else:
                found.handlers[name] = replace(handler, import_path=f"{point.module}:{point.attr}")
    return found


def install(plugins: Plugins, registry: Registry, processes: ProcessPool, clock: Clock, log: Log) -> None:
    """Add plug-ins to the handlers of this executor. A run of a broken one fails, and says why."""
    for name, handler in plugins.handlers.items():
        registry.slow[name] = carried_out(handler, processes, registry.rests, clock, log)
    for name, reason in plugins.broken.items():
        log.error("plug-in not loaded", handler=name, reason=reason)
        if name not in registry:
            registry.slow[name] = _broken(reason)


def carried_out(
    handler: Handler[Any], processes: ProcessPool, rests: dict[str, asyncio.Future[None]], clock: Clock, log: Log
) -> Slow:
    """A plug-in as a handler of this executor; `rests` gets what a thread that is left alone still does."""

    async def carry(run: Run) -> object:
        spec, control = _facts(run, clock), AttemptControl(_logged(run, log))
        try:
            return await execute(handler, spec, control, processes)
        except HandlerFailed as failed:
            raise Failed(failed.kind, failed.message, failed.result, final=not failed.retry) from failed
        except asyncio.CancelledError as error:
            if control.progress is not None:
                error.args = (*error.args, Reached({"progress": control.progress}))
            raise
        finally:
            if control.thread_done is not None and not control.thread_done.done():
                rests[run.run_id] = control.thread_done

    return carry


def _facts(run: Run, clock: Clock) -> AttemptSpec:
    timeout = parse_duration(run.policy.timeout)
    now = datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    return AttemptSpec(
        task_id=run.task_id,
        task_name=run.task_name,
        run_id=run.run_id,
        kind=run.kind,
        nominal_at=datetime.fromisoformat(run.nominal_at),
        effective_at=datetime.fromisoformat(run.effective_at),
        attempt=run.attempt,
        handler=run.handler,
        payload=run.payload,
        timeout=timeout.total_seconds(),
        deadline=now + min(timeout, timedelta(days=36_500)),
    )


def _logged(run: Run, log: Log) -> Any:
    last: list[float] = []

    def told(progress: Progress) -> None:
        now = time.monotonic()
        if last and now - last[0] < PROGRESS_SECONDS:
            return
        last[:] = [now]
        about = {"task_id": run.task_id, "run_id": run.run_id, "handler": run.handler}
        log.info("progress", **about, done=round(progress.done, 4), message=progress.message)

    return told


def _broken(reason: str) -> Slow:
    async def broken(_: Run) -> object:
        raise Failed("plugin_broken", f"the plug-in can't be loaded here: {reason}")

    return broken


def show_lines(log: Log) -> None:
    """Let what handlers log come out among the executor's own lines."""
    logger = logging.getLogger(LOGGER)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.handlers[:] = [Lines(log)]


class Lines(logging.Handler):
    """Shows what handlers log among the executor's own lines, with task and run."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        about = {name: getattr(record, name, None) for name in ("handler", "task_id", "run_id")}
        level = record.levelno
        write = (
            self._log.error
            if level >= logging.ERROR
            else self._log.warning
            if level >= logging.WARNING
            else self._log.info
            if level >= logging.INFO
            else self._log.debug
        )
        write("handler says", message=record.getMessage(), **about, exc_info=record.exc_info)
