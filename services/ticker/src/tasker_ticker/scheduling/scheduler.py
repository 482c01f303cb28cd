"""PURE. The scheduler of one partition: (state, events, now) → the records of one transaction.

Time is one axis, in whole seconds: that of effective times. The watermark moves along it and every occurrence it passes
is decided: recent ones are emitted in (second, task id) order, bursts cut into several batches; what lies more than
LIVE_SECONDS back becomes a gap, whose runs the background lane emits (background_work.py, misfire.py). Each event takes
effect at its place on that axis, after everything before it (event_dispatch.py).
"""

from collections.abc import Callable, Sequence

from tasker_core.schedules.occurrences import Occurrence
from tasker_core.schedules.schedule import NEVER
from tasker_ticker.scheduling.alerts.alert_monitor import LATE_SLACK_SECONDS
from tasker_ticker.scheduling.alerts.alert_runs import AlertRuns
from tasker_ticker.scheduling.background_work import BackgroundLane
from tasker_ticker.scheduling.batch import TransactionBatch, never
from tasker_ticker.scheduling.calendar_handover import CalendarHandover
from tasker_ticker.scheduling.events.event_dispatch import apply_event
from tasker_ticker.scheduling.memory.held_task import SEARCH_AGAIN
from tasker_ticker.scheduling.memory.watermark import CatchUpGap, WatermarkAuthor
from tasker_ticker.scheduling.misfire import LIVE_SECONDS, MissedRange, live_miss_reason
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent, SchedulerConfig
from tasker_ticker.scheduling.state import PartitionState


class Scheduler:
    """The batches of one partition, one after the other.

    `clock_offset_ms` is how far this machine's clock is ahead of the broker's, None while that is not known.
    """

    def __init__(self, config: SchedulerConfig, state: PartitionState) -> None:
        self.config, self.state = config, state
        self.handover = CalendarHandover(state, config.calendars)
        alert_runs = AlertRuns(config.partition, config.partitions, config.public_url)
        self.background = BackgroundLane(state, config.background_rate, alert_runs)
        self.clock_offset_ms: int | None = None
        self._opening = -1
        """Up to this second a gap is being opened: the agenda goes on behind it, as far as that is done."""

    def next_live_second(self) -> int:
        """The second in which the next live occurrence is due, NEVER when there is none."""
        return self.state.agenda.first()

    def due_count(self, second: int) -> int:
        """How many occurrences are due in a second."""
        return self.state.agenda.count(second)

    def has_work(self, now: int) -> bool:
        """Whether there is something to do at `now` besides events."""
        return self.state.agenda.first() <= now or self.handover.has_work(now) or self.has_leftover_work(now)

    def has_leftover_work(self, now: int) -> bool:
        """Whether something goes on beside what is due, a portion in each batch."""
        state = self.state
        expiry = min(state.removals.first(), state.runs.first_expiry(), state.tombstones.first_expiry())
        over = min(expiry, state.alerts.first_due()) <= now
        return over or self.handover.is_unfinished or self.background.has_work(now)

    def prepare_batch(self, second: int, now_ms: int) -> TransactionBatch:
        """The batch of a second that has not begun yet, to be committed when it has: live runs only, and no events."""
        return self._build_batch(second * 1000, (), now_ms, never, live_only=True, recovering=False)

    def next_batch(
        self,
        now_ms: int,
        inbox: Sequence[IncomingEvent],
        *,
        recovering: bool = False,
        is_spent: Callable[[], bool] = never,
    ) -> TransactionBatch:
        """Do the next piece of work. How many of `inbox` were applied is in `events` of the result.

        What is due goes before events. While `recovering` (after a restore or a stall) it is the other way round:
        events move the time along by their append times, so that what was paused or deleted meanwhile does not fire.
        Catching up after an outage is left for the next batch when `is_spent` says that this one has taken long enough.
        """
        return self._build_batch(now_ms, inbox, now_ms, is_spent, live_only=False, recovering=recovering)

    def _build_batch(
        self,
        now_ms: int,
        inbox: Sequence[IncomingEvent],
        built_ms: int,
        is_spent: Callable[[], bool],
        *,
        live_only: bool,
        recovering: bool,
    ) -> TransactionBatch:
        now, position, limits = now_ms // 1000, self.state.position, self.state.limits
        batch = TransactionBatch(limits.batch_runs, limits.batch_bytes, is_spent=is_spent)
        records = BatchRecords(batch, now_ms, built_ms)
        until = position.second if recovering else now
        decided = (live_only or self._apply_calendars(until, records)) and self._advance(
            until, records, live_only=live_only
        )
        for incoming in inbox:
            if not decided or batch.is_full:
                break
            at = min(incoming.appended.ms // 1000, now)
            decided = self._apply_calendars(at, records) and self._advance(at, records)
            if decided:
                decided = self.state.alerts.judge_deadlines((incoming.appended.ms - 1) // 1000, now, batch)
            if decided:
                apply_event(self.config, self.state, incoming, records)
                position.next_offset = incoming.offset + 1
                batch.events += 1
        if not inbox and not recovering and not live_only:  # so all that was reported a while ago has been applied
            self.state.alerts.judge_deadlines(now - LATE_SLACK_SECONDS, now, batch)
        if decided and not live_only:
            self.handover.hand_over(records)
        if decided and not recovering and not live_only:
            self.background.emit(records, now_ms)
        self.state.alerts.store(batch)
        position.turn += 1
        batch.has_more = not decided
        author = WatermarkAuthor(self.config.owner, self.config.version, len(self.state.tasks), self.clock_offset_ms)
        batch.watermark = position.to_record(author)
        return batch

    def _apply_calendars(self, to: int, records: BatchRecords) -> bool:
        """Let changed calendars hold from their place in time on; False when something is left for the next batch.

        After an outage that is all tasks that are to be handed over; otherwise they are handed over beside what is due.
        """
        position, behind = self.state.position, records.now - LIVE_SECONDS
        while True:
            if position.second < behind and self.handover.is_due():
                if not self._advance(position.second, records):  # a second once begun is finished first
                    return False
                self.handover.hand_over(records)
                if self.handover.is_unfinished:
                    return False
            if (at := self.handover.next_change(to)) is None:
                return True
            if not self._advance(at, records):
                return False
            self.handover.hand_over(records)

    def _advance(self, to: int, records: BatchRecords, *, live_only: bool = False) -> bool:
        """Decide everything up to `to`; False when the batch is full before that. Going back does nothing."""
        state, position = self.state, self.state.position
        if position.burst_after is not None:  # a second once begun is finished first
            to = max(to, position.second + 1)
        gap_end = max(min(to, records.now - LIVE_SECONDS), self._opening)  # so is a gap that is being opened
        if position.second < gap_end and not self._open_gap(gap_end, records.batch):
            return False
        missed, done = dict[str, MissedRange](), True
        while done and (second := state.agenda.first()) <= to:
            done = self._emit_second(second, records, missed)
        for name, of_task in missed.items():
            state.miss(state.tasks[name], of_task, of_task.first - 1, of_task.last, records)
        if not done:
            return False
        if not live_only:
            self._expire(to, records)
        if position.second < to:
            position.second, position.burst_after = to, None
        return True

    def _expire(self, to: int, records: BatchRecords) -> None:
        """Remove and forget what is over at a second, as much as the batch allows; what is left waits for later ones.

        After an outage that may be all that became over in a time as long: nothing which is due waits for it.
        """
        state, batch = self.state, records.batch
        while (portion := self._may_expire(batch)) and (second := state.removals.first()) <= to:
            for name in state.removals.at(second)[:portion]:
                state.remove_finished(state.tasks[name], second, records)
                batch.expired += 1
                if batch.is_full:
                    break
        for run_id in state.runs.expire(to, self._may_expire(batch)):
            records.delete_run(run_id)
            batch.expired += 1
        for task_id in state.tombstones.expire(to, self._may_expire(batch)):
            records.delete_task(task_id)
            batch.expired += 1

    def _may_expire(self, batch: TransactionBatch) -> int:
        """How much more a batch may remove or forget."""
        return 0 if batch.is_full else max(0, self.state.limits.upkeep - batch.expired)

    def _emit_second(self, second: int, records: BatchRecords, missed: dict[str, MissedRange]) -> bool:
        """Emit what is due in one second, in the order of ids; False when the batch is full before the end.

        What is late and does not run is added to `missed`: of one task it is one range, as its policy does not change.
        """
        state, position, batch = self.state, self.state.position, records.batch
        batch.live_seconds.append(second)
        if position.second < second - 1:
            position.second, position.burst_after = second - 1, None
        now, lateness = records.now, records.now - second
        names = state.agenda.at(second)
        for done, name in enumerate(names):
            if batch.is_full:
                state.agenda.keep_only(second, names[done:])
                return False
            task = state.tasks[name]
            at = Occurrence(task.next_nominal, second)
            task.find_next(second)
            state.agenda.add(name, task.next_due)
            if at.nominal == SEARCH_AGAIN:
                pass
            elif lateness > task.grace and (
                reason := live_miss_reason(task.effective_schedule, second, task.task.misfire_options, now=now)
            ):
                first = missed[name].first if name in missed else at.nominal
                missed[name] = MissedRange(first, at.nominal, reason)
            else:
                state.emit_run(task, at, "due-tasks", records)
            position.burst_after = name
            if task.next_due == NEVER:
                state.finish_if_over(task, records)
        state.agenda.keep_only(second)
        position.second, position.burst_after = second, None
        return True

    def _open_gap(self, to: int, batch: TransactionBatch) -> bool:
        """Move the watermark to `to` without emitting: that part of the time becomes a gap, or extends the last one.

        False when the batch has taken long enough before the agenda was there.
        """
        state, position, gaps = self.state, self.state.position, self.state.position.gaps
        self._opening, begun = to, False
        while (second := state.agenda.first()) <= to:
            names = state.agenda.at(second)
            for done, name in enumerate(names):
                if begun and batch.is_spent():
                    state.agenda.keep_only(second, names[done:])
                    return False
                task, begun = state.tasks[name], True
                task.find_next(to)
                state.agenda.add(name, task.next_due)
            state.agenda.keep_only(second)
        self._opening = -1
        if position.burst_after is not None:
            position.second += 1
            gaps.append(CatchUpGap(position.second - 1, position.second, position.burst_after))
            position.burst_after = None
        if gaps and gaps[-1].to == position.second and not gaps[-1].after_task:
            gaps[-1].to = to
        elif position.second < to:
            gaps.append(CatchUpGap(position.second, to))
        position.second = to
        return True
