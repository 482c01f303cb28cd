"""From a record to the attempt it means: past the gate of its task, into a slot, and out again."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from tasker_core.messages import Cancel
from tasker_core.record import Record
from tasker_executor import metrics
from tasker_executor.execution.attempt import outdated, quick_attempt, slow_attempt
from tasker_executor.execution.outcome import Ending, cancelled, failed, gave_way, replaced, skipped
from tasker_executor.failure import Failed
from tasker_executor.handlers.local_handlers import Slow
from tasker_executor.partition.decoding import Unusable, read
from tasker_executor.partition.job import Job
from tasker_executor.partition.partition import Feed
from tasker_executor.reporting.reporter import Shell, Telling
from tasker_executor.scheduling.host_limits import Shares
from tasker_executor.scheduling.in_flight import Unfinished
from tasker_executor.scheduling.overlap import Replace, Skip, Start, Wait, decide
from tasker_executor.scheduling.slots import Slots

NOTICE_SECONDS = 1.0
"""A run that is still going on after this is announced as started."""


class Runner:
    """Takes records and sees to it that each ends in a result. `broken` gets an error that nobody foresaw."""

    def __init__(self, shell: Shell, concurrency: int, per_host: int) -> None:
        self._shell, self._telling = shell, Telling(shell, self._spawn, self._told)
        self.slots = Shares(Slots(concurrency, self._start), shell.handlers.called, per_host)
        self._unfinished = Unfinished()
        self._after: dict[Job, list[Callable[[], None]]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def queued(self) -> int:
        """How many runs wait for an earlier one of their task."""
        return self._unfinished.queued

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
        job, handlers = Job(feed, record, run, received_ms, seconds), self._shell.handlers
        if run.handler in self._shell.elsewhere:
            job.done()
        elif run.handler not in handlers:
            self._spawn(feed, self._unknown(job))
        elif run.policy.overlap == "allow" or run.task_id not in self._unfinished:
            self._let_through(job)
        else:
            self._at_the_gate(job)

    def go(self) -> None:
        """It is known whose the partitions are: start what waits."""
        self.slots.go()
        for task_id in self._unfinished.gated():
            self._advance(task_id)

    def forget(self, feed: Feed) -> None:
        """A partition is another member's: what waited of it is theirs, and so is what a cancel in its lane hit.

        The cancel in the other lane, should that stay, waits for it no longer.
        """
        self._unfinished.forget(feed)
        for job in [job for job in self._after if job.feed is feed]:
            self._then(job)

    def _at_the_gate(self, job: Job) -> None:
        run, unfinished = job.run, self._unfinished
        decision = decide(run.policy.overlap, unfinished.ahead(run.task_id), unfinished.behind(run.task_id), job)
        if not isinstance(decision, Start):
            metrics.overlaps(run.policy.overlap, type(decision).__name__.lower()).inc()
        match decision:
            case Start():
                self._let_through(job)
            case Skip(because=other):
                self._telling.ended(job, skipped(run, other.run), None)
            case Wait(instead_of=other):
                unfinished.queue(job)
                if other is not None:
                    self._never_start(other, gave_way(run))
            case Replace(these=others):
                unfinished.queue(job)
                for other in others:
                    self._stop(other, replaced(run))
                self._advance(run.task_id)

    def _let_through(self, job: Job) -> None:
        if quick := self._shell.handlers.quick.get(job.run.handler):
            began = self._shell.clock.now_ms()
            if (ending := outdated(job.run, began)) is not None:
                self._telling.ended(job, ending, None)
            else:
                self._telling.ended(job, quick_attempt(job.run, quick, self._shell.log), began)
        else:
            self._unfinished.add(job)
            self.slots.add(job)

    def _advance(self, task_id: str) -> None:
        """Let runs of a task through that waited at its gate, as many as may."""
        while self.slots.open and (job := self._unfinished.next(task_id)) is not None:
            self._let_through(job)

    def _start(self, job: Job) -> None:
        task = self._spawn(job.feed, self._carry_out(job, self._shell.handlers.slow[job.run.handler]))
        self._unfinished.add(job, task)
        # Not at the coroutine's end: one that is cancelled before its first step has none.
        task.add_done_callback(partial(self._release, job))

    def _release(self, job: Job, task: asyncio.Task[None]) -> None:
        ending = self._unfinished.stopped(job)
        if task.cancelled() and ending is not None and not job.feed.gone:
            self._telling.ended(job, ending, None)  # before its first step
        rest = self._shell.handlers.rests.pop(job.run.run_id, None)
        if rest is None:
            self._leave(job)
        else:  # it keeps its slot, and the gate of its task closed
            rest.add_done_callback(lambda _: self._leave(job))

    def _leave(self, job: Job) -> None:
        self._unfinished.remove(job)
        self.slots.release(job)
        self._advance(job.run.task_id)

    async def _carry_out(self, job: Job, handler: Slow) -> None:
        began = self._shell.clock.now_ms()
        if (ending := outdated(job.run, began)) is not None:
            self._over(job, ending, None)
            return
        notice = asyncio.get_running_loop().call_later(NOTICE_SECONDS, self._telling.started, job, began)
        try:
            ending = await slow_attempt(job, handler, lambda: self._unfinished.stopped(job), self._shell.log)
        finally:
            notice.cancel()
        self._over(job, ending, began)

    def _over(self, job: Job, ending: Ending, began: int | None) -> None:
        """Tell the end, and open the gate in the same moment: no run is skipped because of one whose end is told."""
        if job.run.run_id not in self._shell.handlers.rests:
            self._unfinished.remove(job)
        self._telling.ended(job, ending, began)

    def _cancel(self, wanted: Cancel, feed: Feed, record: Record) -> None:
        """Stop what it hits; it counts as finished only when they are, or a restart would begin them again."""
        hit = self._unfinished.hit_by(wanted, record)
        open_ones = set(hit)
        for job in hit:
            self._after.setdefault(job, []).append(partial(self._one_less, open_ones, job, feed, record))
        if not hit:
            feed.offsets.finish(record.offset)
        for job in hit:
            self._stop(job, cancelled())
        self._advance(wanted.task_id)

    @staticmethod
    def _one_less(open_ones: set[Job], job: Job, feed: Feed, record: Record) -> None:
        open_ones.discard(job)
        if not open_ones:
            feed.offsets.finish(record.offset)

    def _stop(self, job: Job, ending: Ending) -> None:
        if not self._unfinished.stop(job, ending):
            self._never_start(job, ending)

    def _never_start(self, job: Job, ending: Ending) -> None:
        """End a run that only waits. Nothing takes its place yet, or what is to end next might start."""
        if self.slots.remove(job):
            self._unfinished.remove(job)
        elif not self._unfinished.unqueue(job):
            return
        self._telling.ended(job, ending, None)

    def _told(self, job: Job) -> None:
        job.done()
        self._then(job)

    def _then(self, job: Job) -> None:
        for then in self._after.pop(job, ()):
            then()

    async def _unknown(self, job: Job) -> None:
        """Before a run is given up, what is announced by now is read: it may be another group's."""
        name, shell = job.run.handler, self._shell
        await shell.elsewhere.refresh()
        if name in shell.elsewhere:
            job.done()
            return
        message = f"no handler {name[:200]!r} here; there are {shell.handlers.names()}"
        self._telling.ended(job, failed(Failed("unknown_handler", message, final=True)), None)

    async def _bury(self, feed: Feed, record: Record, reason: str) -> None:
        self._shell.log.warning("dead letter", topic=record.topic, partition=record.partition, offset=record.offset)
        await self._shell.burials.publish(record, reason)
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
