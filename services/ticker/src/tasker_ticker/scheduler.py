"""PURE. The scheduler of one partition: (state, events, now) → the records of one transaction.

Time is one axis, in whole seconds. The watermark moves along it and every occurrence it passes is decided: recent
ones are emitted in (second, task id) order, bursts cut into several turns; what lies more than LIVE_SECONDS back
becomes a gap, worked off in the background (catch_up.py). Each event takes effect at its place on that axis, after
everything before it (changes.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tasker_core.events import Event, Rejection
from tasker_core.messages import MissedReason
from tasker_core.schedule import NEVER, previous_before
from tasker_ticker.agenda import Agenda
from tasker_ticker.catch_up import LIVE_SECONDS, Gap, fates, span
from tasker_ticker.changes import apply
from tasker_ticker.emission import Emission
from tasker_ticker.position import Position
from tasker_ticker.records import Groups, Held
from tasker_ticker.turn import Turn

FINISHED_SECONDS = 7 * 24 * 3600
MAX_VISITS = 5_000
MAX_BACKGROUND_RUNS = 200


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record of `task-events`. `content` is None for what went to the dead letters: only its offset counts."""

    offset: int
    appended_ms: int
    content: Event | Rejection | None


@dataclass(frozen=True, slots=True)
class Place:
    """Which partition of how many this is, and the name of its owner."""

    partition: int
    partitions: int
    owner: str


class Scheduler:
    """The state of one partition and its turns. After a failed transaction it is thrown away, never used again."""

    def __init__(self, place: Place, position: Position, tasks: dict[str, Held], groups: Groups) -> None:
        self.place, self.position, self.tasks, self.groups = place, position, tasks, groups
        self._agenda, self._removals = Agenda(), Agenda()
        self._unvisited: list[str] | None = None
        for task in tasks.values():
            self.keep(task)

    def wants(self, now: int) -> bool:
        """Whether there is something to do at `now` besides events."""
        return bool(self.position.gaps) or min(self._agenda.first(), self._removals.first()) <= now

    def turn(self, now_ms: int, inbox: Sequence[Incoming], *, recovering: bool = False) -> Turn:
        """Do the next piece of work. How many of `inbox` were applied is in `events` of the result.

        Ticks go before events. While `recovering` (after a restore or a stall) it is the other way round: events move
        the time along by their append times, so that what was paused or deleted meanwhile does not fire.
        """
        now, position, turn = now_ms // 1000, self.position, Turn()
        emission = Emission(turn, now_ms)
        decided = self._advance(position.second if recovering else now, emission)
        for incoming in inbox:
            if not decided or turn.full:
                break
            decided = self._advance(min(incoming.appended_ms // 1000, now), emission)
            if decided:
                if incoming.content is not None:
                    apply(self, incoming.content, incoming.offset, emission)
                position.next_offset = incoming.offset + 1
                turn.events += 1
        if decided and not recovering:
            self._work_off_gaps(emission)
        position.turn += 1
        turn.more = not decided
        turn.watermark = position.watermark(self.place.owner)
        return turn

    def keep(self, task: Held) -> None:
        """Hold a task and put its next occurrence after the watermark on the agenda."""
        self.tasks[task.id] = task
        decided = self.position.second
        if self.position.burst_after is not None and task.id <= self.position.burst_after:
            decided += 1
        task.next_due = NEVER
        if not task.paused and task.finished_at is None:
            task.next_due = task.group.next_after(max(task.since, decided))
        self._agenda.put(task.id, task.next_due)
        removal = NEVER if task.finished_at is None else task.finished_at + FINISHED_SECONDS
        self._removals.put(task.id, removal)

    def drop(self, task: Held, emission: Emission) -> None:
        """Forget a task."""
        del self.tasks[task.id]
        self._agenda.remove(task.id)
        self._removals.remove(task.id)
        emission.forget(task.id)

    def close(self, task: Held, reason: MissedReason, emission: Emission) -> None:
        """Record the part of a task that still lies open in gaps as missed."""
        for gap in self._open(task):
            if found := span(task.group.schedule, max(gap.after, task.since), gap.to, reason):
                emission.missed(task, found)

    def finish_if_over(self, task: Held, emission: Emission) -> None:
        """Say so when a task has no occurrence left and none that waits in a gap."""
        if task.paused or task.finished_at is not None or task.next_due < NEVER or self._open(task):
            return
        task.finished_at = self.position.second
        self._removals.put(task.id, task.finished_at + FINISHED_SECONDS)
        emission.remember(task)
        emission.finished(task, previous_before(task.group.schedule, NEVER))

    def _open(self, task: Held) -> list[Gap]:
        """The gaps in which a part of this task waits for its visit."""
        if task.paused or task.finished_at is not None:
            return []
        return [g for g in self.position.gaps if task.id > g.after_task and task.since < g.to]

    def _advance(self, to: int, emission: Emission) -> bool:
        """Decide everything up to `to`; False when the turn is full before that. Going back does nothing."""
        position = self.position
        if position.burst_after is not None:  # a second once begun is finished first
            to = max(to, position.second + 1)
        long_ago = min(to, emission.now - LIVE_SECONDS)
        if position.second < long_ago:
            self._leave_open(long_ago)
        while (second := self._agenda.first()) <= to:
            if not self._emit(second, emission):
                return False
        while (second := self._removals.first()) <= to:
            for name in self._removals.at(second):
                emission.removed(self.tasks[name])
                self.drop(self.tasks[name], emission)
        if position.second < to:
            position.second, position.burst_after = to, None
        return True

    def _emit(self, second: int, emission: Emission) -> bool:
        """Emit what is due in one second, in the order of ids; False when the turn is full before the end."""
        position, turn = self.position, emission.turn
        turn.fired.append(second)
        if position.second < second - 1:
            position.second, position.burst_after = second - 1, None
        for name in self._agenda.at(second):
            if turn.full:
                return False
            task = self.tasks[name]
            task.next_due = task.group.next_after(second)
            self._agenda.put(name, task.next_due)
            emission.run(task, second)
            position.burst_after = name
            if task.next_due == NEVER:
                self.finish_if_over(task, emission)
        position.second, position.burst_after = second, None
        return True

    def _leave_open(self, to: int) -> None:
        """Move the watermark to `to` without emitting: that part of the time becomes a gap, or extends the last one."""
        position, gaps = self.position, self.position.gaps
        if position.burst_after is not None:
            position.second += 1
            gaps.append(Gap(position.second - 1, position.second, position.burst_after))
            position.burst_after = None
        if gaps and gaps[-1].to == position.second and not gaps[-1].after_task:
            gaps[-1].to = to
        elif position.second < to:
            gaps.append(Gap(position.second, to))
        position.second = to
        while (second := self._agenda.first()) <= to:
            for name in self._agenda.at(second):
                task = self.tasks[name]
                task.next_due = task.group.next_after(to)
                self._agenda.put(name, task.next_due)

    def _work_off_gaps(self, emission: Emission) -> None:
        """Visit tasks of the oldest gap, in id order, within the budget of a turn."""
        gaps, turn, visits, before = self.position.gaps, emission.turn, 0, emission.turn.runs
        while gaps and visits < MAX_VISITS and turn.runs - before < MAX_BACKGROUND_RUNS and not turn.full:
            gap = gaps[0]
            if self._unvisited is None:
                self._unvisited = sorted((name for name in self.tasks if name > gap.after_task), reverse=True)
            if not self._unvisited:
                del gaps[0]
                self._unvisited = None
                continue
            name = self._unvisited.pop()
            if task := self.tasks.get(name):
                self._visit(task, gap, emission)
            gap.after_task = name
            visits += 1

    def _visit(self, task: Held, gap: Gap, emission: Emission) -> None:
        if gap not in self._open(task):
            return
        found = fates(task.group.schedule, max(gap.after, task.since), gap.to)
        for nominal in found.run:
            emission.run(task, nominal, stream="due-background")
        for missed in found.missed:
            emission.missed(task, missed)
        gap.after_task = task.id
        self.finish_if_over(task, emission)
