"""The main loop of one owner: wait for the next second or an event, build a batch, commit it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from tasker_core.events.event_origin import EventOrigin
from tasker_core.kafka_record import Record
from tasker_core.schedules.schedule import NEVER
from tasker_runtime.clock import Clock, is_set_within
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.lost_records import LostRecords
from tasker_runtime.logs import Log
from tasker_ticker import metrics
from tasker_ticker.kafka.event_continuity import EventContinuity
from tasker_ticker.kafka.interfaces import BatchProducer, EventSource
from tasker_ticker.kafka.transaction import MAX_BEHIND_MS, TransactionUncertain
from tasker_ticker.lead_time import LeadTime
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.scheduler import Scheduler
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent
from tasker_ticker.spans import TickerSpans
from tasker_ticker.ticker_limits import TickerLimits

IDLE_MS = 3_000
STALL_MS = 2_000
RECOVERING_MS, RECOVERING_WORK_MS = 20, 500
MAX_HOLD_MS = 2_000
"""Longer than the work of a second may begin before it; besides, a clock that is ahead is waited for."""
SLICE_MS = 50

Decode = Callable[[Record], Awaitable[IncomingEvent]]


class SchedulingLoop:
    """The loop of one owner. `lead_time` says how early the work of a second must begin."""

    def __init__(
        self,
        scheduler: Scheduler,
        reader: EventSource,
        producer: BatchProducer,
        decode: Decode,
        lead_time: LeadTime,
        clock: Clock,
        health: Health,
        log: Log,
        limits: TickerLimits,
        spans: TickerSpans | None = None,
        lost: LostRecords | None = None,
    ) -> None:
        self._continuity = EventContinuity(scheduler.state.position.next_offset, lost)
        self._scheduler, self._reader, self._producer, self._decode = scheduler, reader, producer, decode
        self._lead_time, self._clock, self._health, self._log = lead_time, clock, health, log
        self._limits, self._spans, self._partition = limits, spans, scheduler.config.partition
        self._undecoded: deque[Record] = deque()
        self._inbox: deque[IncomingEvent] = deque()
        self._decoding: asyncio.Task[None] | None = None
        self._receive_until, self._time_is_up = 0, asyncio.Event()
        self._committed_ms = 0
        self._clock_status = "ok"
        self._waiting: asyncio.Timeout | None = None
        self._receiving = True

    async def run(self, stopping: asyncio.Event, events: TopicPartition, recover_to: int) -> None:
        """Batch after batch. Raises TransactionUncertain or KafkaError when this owner must be discarded.

        Up to the offset `recover_to`, and after a stall up to the end as it is then, events go before what is due.
        """
        try:
            await self._commit_until(stopping, events, recover_to)
        finally:
            if self._decoding is not None:
                self._decoding.cancel()
                await asyncio.gather(self._decoding, return_exceptions=True)

    async def _commit_until(self, stopping: asyncio.Event, events: TopicPartition, recover_to: int) -> None:
        scheduler = self._scheduler
        last_look, recovering = self._clock.now_ms(), await self._is_behind(events, recover_to)
        more = not recovering  # a new owner says at once that it is there
        while not stopping.is_set():
            now = self._clock.now_ms()
            stalled = now - last_look > STALL_MS  # seen below: what was appended meanwhile goes before what is due
            if not recovering and not more and not stalled and self._may_prepare(now):
                second = now // 1000 + 1
                more = await self._commit_prepared(second)
                last_look = self._begins_ms(second)  # a commit that takes long after its second is a stall, too
            if recovering:
                await self._receive(0 if more else RECOVERING_MS, RECOVERING_WORK_MS)
            else:
                wait_ms = 0 if more else self._wait_ms()
                await self._receive(wait_ms, wait_ms)
            now = self._clock.now_ms()
            if now - last_look > STALL_MS:
                _, recover_to = await self._reader.bounds(events)
                recovering = True
                self._log.warning("stalled", partition=self._partition, ms=now - last_look)
                now = self._clock.now_ms()  # the answer may have taken long, and the clock been set right meanwhile
            if recovering:
                recovering = await self._is_behind(events, recover_to)
                self._health.beat(f"partition-{self._partition}")  # nothing is committed while events can't be read
            idle = abs(now - self._committed_ms) >= IDLE_MS  # the clock may be set back
            due = more or idle or scheduler.has_work(now // 1000)
            last_look = now
            if self._inbox or (due and not recovering):
                more = await self._commit_next(now, recovering=recovering)
                last_look = max(now, self._begins_ms(now // 1000))
        self._lead_time.note_due(self._partition, 0)

    def stop_receiving(self) -> None:
        """Take in no more events: it is time to stop."""
        self._receiving = False
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def _is_behind(self, events: TopicPartition, offset: int) -> bool:
        """Whether an event before an offset is not applied yet."""
        if self._scheduler.state.position.next_offset >= offset:
            return False
        if self._inbox or self._undecoded:
            return True
        return await self._reader.position(events) < offset  # it also passes what is no record: markers of transactions

    def _may_prepare(self, now: int) -> bool:
        """Whether it is time to begin the work of the next second, and it has some."""
        second = now // 1000 + 1
        state = self._scheduler.state
        if self._scheduler.next_live_second() != second or state.position.second >= second:
            self._lead_time.note_due(self._partition, 0)
            return False
        first_batch = min(self._scheduler.due_count(second), self._limits.scheduling.batch_runs)
        self._lead_time.note_due(self._partition, first_batch)
        return second * 1000 - now <= self._lead_time.ms

    def _wait_ms(self) -> int:
        """How many milliseconds there are for events: to where the next piece of work begins."""
        now = self._clock.now_ms()
        if self._scheduler.next_live_second() <= now // 1000:
            return 0  # its second began while the last batch was being committed
        to_the_second = 1000 - now % 1000
        if self._scheduler.has_leftover_work(now // 1000):
            return min(to_the_second, self._limits.background_pause_ms)
        if self._scheduler.next_live_second() == NEVER or to_the_second <= self._lead_time.ms:
            return to_the_second
        return to_the_second - self._lead_time.ms

    async def _commit_prepared(self, second: int) -> bool:
        """Send the work of a second that has not begun, and commit it when it has; returns whether more is left."""
        batch = self._scheduler.prepare_batch(second, self._clock.now_ms())
        await self._producer.send(batch)
        await self._until_begun(second)
        await self._producer.commit()
        return self._committed(batch)

    async def _until_begun(self, second: int) -> None:
        """Wait for a second by the clock, and by the broker's where this one is ahead of it.

        How far it is ahead was seen when the batch was sent. Raises TransactionUncertain if it goes back far meanwhile.
        """
        longest = MAX_HOLD_MS + max(0, self._producer.clock_offset_ms)
        while (left := self._begins_ms(second) - self._clock.now_ms()) > 0:
            if left > longest:
                raise TransactionUncertain(f"the clock was set back: {left} ms to go")
            await asyncio.sleep(min(left, SLICE_MS) / 1000)

    def _begins_ms(self, second: int) -> int:
        """When a second begins by this clock and the broker's."""
        return second * 1000 + max(0, self._producer.clock_offset_ms)

    async def _commit_next(self, now: int, *, recovering: bool) -> bool:
        until = self._clock.now_ms() + self._limits.batch_ms
        batch = self._scheduler.next_batch(
            now, self._inbox, recovering=recovering, is_spent=lambda: self._clock.now_ms() >= until
        )
        await self._producer.send(batch)
        await self._until_begun(now // 1000)
        await self._producer.commit()
        applied = [self._inbox.popleft() for _ in range(batch.events)]
        # While more are being decoded, there is time for them: many in a transaction cost as much as one.
        return self._committed(batch, applied) or bool(self._inbox and not self._undecoded)

    def _committed(self, batch: TransactionBatch, applied: Sequence[IncomingEvent] = ()) -> bool:
        self._committed_ms = self._clock.now_ms()
        self._scheduler.clock_offset_ms = self._producer.clock_offset_ms
        if self._spans is not None:
            self._spans.record(self._partition, batch, applied, self._committed_ms)
        for event in applied:
            self._log.debug("event applied", **self._log_fields(event, event.content.origin))
        metrics.count(batch, self._committed_ms, self._scheduler)
        self._health.ok(f"partition-{self._partition}", self._check_clock())
        return batch.has_more

    def _log_fields(self, event: IncomingEvent, origin: EventOrigin) -> dict[str, object]:
        trace_id = None if origin.trace is None else origin.trace.trace_hex
        event_id = origin.event_id or event.appended.event_id
        about = {"task_id": origin.task_id, "event_id": event_id, "event_type": origin.event_type, "trace_id": trace_id}
        return {"partition": self._partition, "offset": event.offset, **about}

    def _check_clock(self) -> str:
        """An alarm when this machine's clock is behind: what is due is late by as much, but nothing is wrong."""
        behind, before = max(0, -self._producer.clock_offset_ms), self._clock_status
        metrics.CLOCK_BEHIND.labels(str(self._partition)).set(behind / 1000)
        late = f"this clock is {behind} ms behind the broker's, and all runs late by as much: set it right"
        self._clock_status = late if behind > MAX_BEHIND_MS else "ok"
        if before == "ok" and self._clock_status != "ok":
            self._log.warning("clock behind", partition=self._partition, ms=behind)
        return self._clock_status

    async def _receive(self, wait_ms: int, work_ms: int) -> None:
        """Take in events, for which at most `wait_ms` are waited, and decode them until `work_ms` are over.

        To decode an event (forward it, publish a dead letter, read announcements) may take time, and a second that is
        due waits for none of it: what was read and is not decoded by then goes on meanwhile.
        """
        self._receive_until = self._clock.now_ms() + work_ms
        capacity = self._limits.events - len(self._inbox)
        if not self._undecoded and capacity > 0:
            records = await self._poll(0 if self._inbox else wait_ms, capacity)
            await self._continuity.check(records, self._reader)
            self._undecoded.extend(records)
        if self._undecoded and self._decoding is None:
            self._decoding = asyncio.create_task(self._decode_all())
        if (decoding := self._decoding) is not None:
            if not decoding.done():
                await self._until_decoded()
            if decoding.done():
                self._decoding = None
                decoding.result()

    async def _until_decoded(self) -> None:
        self._time_is_up.clear()
        left_ms = max(0, self._receive_until - self._clock.now_ms())
        await is_set_within(self._time_is_up, left_ms / 1000)

    async def _decode_all(self) -> None:
        """Decode what was read, event by event, between which others get their turn."""
        try:
            while self._undecoded and self._receiving:
                self._inbox.append(await self._decode(self._undecoded[0]))
                self._undecoded.popleft()
                if self._clock.now_ms() >= self._receive_until:
                    self._time_is_up.set()
                await asyncio.sleep(0)
        finally:
            self._time_is_up.set()

    async def _poll(self, wait_ms: int, limit: int) -> list[Record]:
        try:
            async with asyncio.timeout(None) as self._waiting:
                return await self._reader.poll(wait_ms, limit)
        except TimeoutError:
            if self._receiving:
                raise
            return []
        finally:
            self._waiting = None
