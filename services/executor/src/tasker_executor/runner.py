"""One run: from its record to its acknowledged result, or to a dead letter."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from tasker_core.messages import Cancel
from tasker_executor import metrics
from tasker_executor.burials import Burials
from tasker_executor.endings import Ending, cancelled, failed, finished, started, succeeded
from tasker_executor.failure import Failed
from tasker_executor.feed import Feed
from tasker_executor.handlers.registry import Quick, Registry, Slow
from tasker_executor.job import Job
from tasker_executor.results import Results
from tasker_executor.slots import Slots
from tasker_executor.triage import Unusable, instant_ms, read, too_old
from tasker_executor.unfinished import Unfinished
from tasker_runtime.clock import Clock
from tasker_runtime.kafka import Record
from tasker_runtime.logs import Log

NOTICE_SECONDS = 1.0
"""A run that is still going on after this is announced as started."""


@dataclass(frozen=True, slots=True)
class Shell:
    """What a runner works with. `worker` names this process in the results."""

    handlers: Registry
    results: Results
    burials: Burials
    clock: Clock
    worker: str
    log: Log


class Runner:
    """Takes records and sees to it that each ends in a result. `broken` gets an error that nobody foresaw."""

    def __init__(self, shell: Shell, concurrency: int) -> None:
        self._shell, self._log = shell, shell.log
        self.slots = Slots(concurrency, self._start)
        self._unfinished = Unfinished()
        self._after: dict[Job, list[Callable[[], None]]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def accept(self, feed: Feed, record: Record, received_ms: int) -> None:
        """Take a record that was read; one that is finished or under way already is passed over."""
        if not feed.offsets.admit(record.offset):
            return
        try:
            content = read(record.value)
        except Unusable as error:
            self._spawn(feed, self._bury(feed, record, str(error)))
            return
        if isinstance(content, Cancel):
            self._cancel(content, feed, record)
            return
        run, seconds = content
        job = Job(feed, record, run, received_ms, seconds)
        handlers = self._shell.handlers
        if quick := handlers.quick.get(run.handler):
            self._at_once(job, quick)
        elif run.handler in handlers.slow:
            self._unfinished.add(job)
            self.slots.add(job)
        else:
            message = f"no handler {run.handler[:200]!r} here; there are {handlers.names()}"
            self._end(job, failed("unknown_handler", message), None)

    def _at_once(self, job: Job, handler: Quick) -> None:
        began = self._shell.clock.now_ms()
        if too_old(job.run, began):
            self._end(job, _outdated(), None)
            return
        try:
            ending = succeeded(handler(job.run))
        except Failed as error:
            ending = failed(error.kind, str(error), error.result)
        except Exception as error:  # noqa: BLE001 -- a handler may raise anything
            ending = self._raised(job, error)
        self._end(job, ending, began)

    def _start(self, job: Job) -> None:
        task = self._spawn(job.feed, self._carry_out(job, self._shell.handlers.slow[job.run.handler]))
        self._unfinished.add(job, task)
        # Not at the coroutine's end: one that is cancelled before its first step has none.
        task.add_done_callback(partial(self._release, job))

    def _release(self, job: Job, task: asyncio.Task[None]) -> None:
        if task.cancelled() and self._unfinished.cancelled(job) and not job.feed.gone:
            self._end(job, cancelled(), None)  # before its first step
        self._unfinished.remove(job)
        self.slots.release(job.lane)

    def _cancel(self, wanted: Cancel, feed: Feed, record: Record) -> None:
        """Stop what it hits; it counts as finished only when they are, or a restart would begin them again."""
        open_ones = self._unfinished.hit_by(wanted, record.partition)
        for job in open_ones:
            self._after.setdefault(job, []).append(partial(self._one_less, open_ones, job, feed, record))
        if not open_ones:
            feed.offsets.finish(record.offset)
        for job in open_ones.copy():
            if not self._unfinished.stop(job):
                self._never_start(job)

    @staticmethod
    def _one_less(open_ones: set[Job], job: Job, feed: Feed, record: Record) -> None:
        open_ones.discard(job)
        if not open_ones:
            feed.offsets.finish(record.offset)

    def _told(self, job: Job) -> None:
        job.done()
        for then in self._after.pop(job, ()):
            then()

    def forget(self, feed: Feed) -> None:
        """A partition is another member's: what waited of it is theirs."""
        self._unfinished.forget(feed)
        for job in [job for job in self._after if job.feed is feed]:
            del self._after[job]

    def _never_start(self, job: Job) -> None:
        if self.slots.remove(job):
            self._unfinished.remove(job)
            self._end(job, cancelled(), None)

    async def _carry_out(self, job: Job, handler: Slow) -> None:
        began = self._shell.clock.now_ms()
        if too_old(job.run, began):
            self._end(job, _outdated(), None)
            return
        notice = asyncio.get_running_loop().call_later(NOTICE_SECONDS, self._announce, job, began)
        limit = asyncio.timeout(job.timeout_seconds)
        try:
            async with limit:
                ending = succeeded(await handler(job.run))
        except Failed as error:
            ending = failed(error.kind, str(error), error.result)
        except TimeoutError as error:
            ending = _timed_out(job) if limit.expired() else self._raised(job, error)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                if job.feed.gone or not self._unfinished.cancelled(job):
                    raise
                task.uncancel()
                ending = cancelled()
            else:
                ending = self._raised(job, error)
        except Exception as error:  # noqa: BLE001 -- a handler may raise anything
            ending = self._raised(job, error)
        finally:
            notice.cancel()
        self._end(job, ending, began)

    def _announce(self, job: Job, began: int) -> None:
        value = started(job, began, self._shell.worker)
        self._shell.results.add(job.record.partition, job.run.task_id.encode(), value)

    def _raised(self, job: Job, error: BaseException) -> Ending:
        run = job.run
        self._log.error("handler raised", task_id=run.task_id, run_id=run.run_id, handler=run.handler, exc_info=error)
        return failed("error", f"{type(error).__name__}: {error}")

    def _end(self, job: Job, ending: Ending, began: int | None) -> None:
        """Tell what became of an attempt. A failed one is also kept as a dead letter, before its offset is passed."""
        now, run = self._shell.clock.now_ms(), job.run
        handler = run.handler if run.handler in self._shell.handlers else "unknown"
        metrics.outcomes(handler, ending.outcome).inc()
        if began is not None:
            metrics.duration(handler).observe((now - began) / 1000)
            metrics.lateness(job.lane).observe(max(0, began - instant_ms(run.effective_at)) / 1000)
        value = finished(job, ending, began, now, self._shell.worker)
        if ending.outcome != "failed" or ending.error is None:
            self._shell.results.add(job.record.partition, run.task_id.encode(), value, partial(self._told, job))
        else:
            kind, message = ending.error.kind, ending.error.message
            self._log.warning("run failed", task_id=run.task_id, run_id=run.run_id, kind=kind, reason=message)
            self._spawn(job.feed, self._bury_and_tell(job, f"{kind}: {message}", value))

    async def _bury_and_tell(self, job: Job, reason: str, value: bytes) -> None:
        await self._shell.burials.bury(job.record, reason)
        self._shell.results.add(job.record.partition, job.run.task_id.encode(), value, partial(self._told, job))

    async def _bury(self, feed: Feed, record: Record, reason: str) -> None:
        self._log.warning("dead letter", topic=record.topic, partition=record.partition, offset=record.offset)
        await self._shell.burials.bury(record, reason)
        feed.offsets.finish(record.offset)

    def _spawn(self, feed: Feed, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = feed.start(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self.broken.done():
            self.broken.set_exception(error)


def _timed_out(job: Job) -> Ending:
    way_out = "give the task a longer one, or make its work shorter"
    return failed("timeout", f"not finished within the task's time-out of {job.run.policy.timeout}; {way_out}")


def _outdated() -> Ending:
    return failed("too_old", "emitted more than 24 h ago, so it was not started; trigger the task to run it now")
