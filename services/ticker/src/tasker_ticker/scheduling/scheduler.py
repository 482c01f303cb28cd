"""PURE. The scheduler of one partition: (state, events, now) → the records of one transaction.

Time is one axis, in whole seconds: that of effective times. The watermark moves along it and every occurrence it passes
is decided: recent ones are emitted in (second, task id) order, bursts cut into several turns; what lies more than
LIVE_SECONDS back becomes a gap, worked off in the background (background.py, catch_up.py). Each event takes effect at
its place on that axis, after everything before it (changes.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tasker_core.events.forwarding import AppendPosition
from tasker_core.events.task_event import Rejection, TaskEvent
from tasker_core.handlers.built_in import payload_errors
from tasker_core.schedules.occurrences import Occurrence
from tasker_core.schedules.schedule import NEVER
from tasker_core.task import HandlerCheck
from tasker_ticker.scheduling.background import Background
from tasker_ticker.scheduling.batch import Turn
from tasker_ticker.scheduling.events.task_events import apply
from tasker_ticker.scheduling.memory.held_task import UNKNOWN
from tasker_ticker.scheduling.misfire import LIVE_SECONDS, Gap, Span, refused
from tasker_ticker.scheduling.records import Emission
from tasker_ticker.scheduling.state import State

BACKGROUND_RATE = 1_000


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record of `task-events`. `content` is None for what went to the dead letters: only its offset counts.

    `appended` is where the event was first appended: elsewhere, when it was `forwarded` to this partition.
    """

    offset: int
    appended: AppendPosition
    content: TaskEvent | Rejection | None
    forwarded: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Which partition of how many this is, and the name of its owner. `check` knows the handlers."""

    partition: int
    partitions: int
    owner: str
    check: HandlerCheck = payload_errors


class Scheduler:
    """The turns of one partition. `background_rate`: runs a second in the background lane."""

    def __init__(self, place: Place, state: State, background_rate: int = BACKGROUND_RATE) -> None:
        self.place, self.state = place, state
        self.background = Background(state, background_rate)

    def next_live(self) -> int:
        """The second in which the next live occurrence is due, NEVER when there is none."""
        return self.state.agenda.first()

    def due_at(self, second: int) -> int:
        """How many occurrences are due in a second."""
        return self.state.agenda.count(second)

    def wants(self, now: int) -> bool:
        """Whether there is something to do at `now` besides events."""
        state = self.state
        over = min(state.removals.first(), state.runs.first_expiry(), state.gone.first_expiry())
        return min(state.agenda.first(), over) <= now or self.background.wants(now)

    def prepare(self, second: int, now_ms: int) -> Turn:
        """The turn of a second that has not begun yet, to be committed when it has: live runs only, and no events."""
        return self._turn(second * 1000, (), now_ms, live_only=True, recovering=False)

    def turn(self, now_ms: int, inbox: Sequence[Incoming], *, recovering: bool = False) -> Turn:
        """Do the next piece of work. How many of `inbox` were applied is in `events` of the result.

        Ticks go before events. While `recovering` (after a restore or a stall) it is the other way round: events move
        the time along by their append times, so that what was paused or deleted meanwhile does not fire.
        """
        return self._turn(now_ms, inbox, now_ms, live_only=False, recovering=recovering)

    def _turn(
        self, now_ms: int, inbox: Sequence[Incoming], built_ms: int, *, live_only: bool, recovering: bool
    ) -> Turn:
        now, position, turn = now_ms // 1000, self.state.position, Turn()
        emission = Emission(turn, now_ms, built_ms)
        decided = self._advance(position.second if recovering else now, emission, live_only=live_only)
        for incoming in inbox:
            if not decided or turn.full:
                break
            decided = self._advance(min(incoming.appended.ms // 1000, now), emission)
            if decided:
                if incoming.content is not None:
                    apply(self.place, self.state, incoming, emission)
                position.next_offset = incoming.offset + 1
                turn.events += 1
        if decided and not recovering and not live_only:
            self.background.work(emission, now_ms)
        position.turn += 1
        turn.more = not decided
        turn.watermark = position.watermark(self.place.owner)
        return turn

    def _advance(self, to: int, emission: Emission, *, live_only: bool = False) -> bool:
        """Decide everything up to `to`; False when the turn is full before that. Going back does nothing."""
        state, position = self.state, self.state.position
        if position.burst_after is not None:  # a second once begun is finished first
            to = max(to, position.second + 1)
        long_ago = min(to, emission.now - LIVE_SECONDS)
        if position.second < long_ago:
            self._leave_open(long_ago)
        late, done = dict[str, Span](), True
        while done and (second := state.agenda.first()) <= to:
            done = self._emit(second, emission, late)
        for name, span in late.items():
            emission.missed(state.tasks[name], span)
        if not done:
            return False
        if not live_only:
            self._clean_up(to, emission)
        if position.second < to:
            position.second, position.burst_after = to, None
        return True

    def _clean_up(self, to: int, emission: Emission) -> None:
        state = self.state
        while (second := state.removals.first()) <= to:
            for name in state.removals.at(second):
                state.remove(state.tasks[name], second, emission)
        for run_id in state.runs.forget_to(to):
            emission.remember_run(run_id, None)
        for task_id in state.gone.forget_to(to):
            emission.forget(task_id)

    def _emit(self, second: int, emission: Emission, late: dict[str, Span]) -> bool:
        """Emit what is due in one second, in the order of ids; False when the turn is full before the end.

        What is late and does not run is added to `late`: of one task it is one range, as its policy does not change.
        """
        state, position, turn = self.state, self.state.position, emission.turn
        turn.fired.append(second)
        if position.second < second - 1:
            position.second, position.burst_after = second - 1, None
        now, lateness = emission.now, emission.now - second
        names = state.agenda.at(second)
        for done, name in enumerate(names):
            if turn.full:
                state.agenda.leave(second, names[done:])
                return False
            task = state.tasks[name]
            at = Occurrence(task.next_nominal, second)
            task.look_ahead(second)
            state.agenda.add(name, task.next_due)
            if at.nominal == UNKNOWN:
                pass
            elif lateness > task.grace and (
                reason := refused(task.standing, second, task.task.misfire_options, now=now)
            ):
                first = late[name].first if name in late else at.nominal
                late[name] = Span(first, at.nominal, reason)
            else:
                state.fire(task, at, "due-tasks", emission)
            position.burst_after = name
            if task.next_due == NEVER:
                state.finish_if_over(task, emission)
        state.agenda.leave(second)
        position.second, position.burst_after = second, None
        return True

    def _leave_open(self, to: int) -> None:
        """Move the watermark to `to` without emitting: that part of the time becomes a gap, or extends the last one."""
        state, position, gaps = self.state, self.state.position, self.state.position.gaps
        if position.burst_after is not None:
            position.second += 1
            gaps.append(Gap(position.second - 1, position.second, position.burst_after))
            position.burst_after = None
        if gaps and gaps[-1].to == position.second and not gaps[-1].after_task:
            gaps[-1].to = to
        elif position.second < to:
            gaps.append(Gap(position.second, to))
        position.second = to
        while (second := state.agenda.first()) <= to:
            for name in state.agenda.at(second):
                task = state.tasks[name]
                task.look_ahead(to)
                state.agenda.add(name, task.next_due)
            state.agenda.leave(second)
