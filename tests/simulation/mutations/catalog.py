"""Bugs on purpose, each a small patch of the real code: the simulation must find every one of them."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from unittest import mock

from tasker_core.schedules.effective_schedule import EffectiveSchedule, Handover
from tasker_core.schedules.schedule import NEVER
from tasker_ticker.kafka.transaction import Doubt, Transactions
from tasker_ticker.loop import Turns
from tasker_ticker.scheduling.batch import Pair, Turn
from tasker_ticker.scheduling.events import task_events as changes
from tasker_ticker.scheduling.events.task_events import Change
from tasker_ticker.scheduling.memory.held_task import Held
from tasker_ticker.scheduling.records import Emission
from tasker_ticker.scheduling.scheduler import Incoming, Scheduler
from tasker_ticker.scheduling.state import State
from tests.simulation.mutations import background as planted_background
from tests.simulation.mutations import bursts as planted_bursts
from tests.simulation.mutations import failure_streaks as planted_rows
from tests.simulation.mutations import run_events as planted_runs
from tests.simulation.oracle.invariants import Promise

# What is patched is private to the ticker, and its surroundings are untyped on purpose.
# pyright: reportPrivateUsage=false

LOST: Promise = "never silently lost"
TWICE: Promise = "never twice"
EARLY: Promise = "never early"
RETROACTIVE: Promise = "never retroactive"
WHOLE: Promise = "whole turns, one after the other"
GROWS: Promise = "the watermark only grows"
EFFECT: Promise = "an event takes effect at its append time"
VERDICTS: Promise = "one verdict for each event, in order"
MISFIRE: Promise = "the misfire policy decides what late occurrences become"
RETRIES: Promise = "retries and cancels end in an attempt or a word"
BACKFILLS: Promise = "a backfill runs each of its times once"
LANES: Promise = "catching up never delays what is due now"
NEXT: Promise = "the next time that is told is the next one"
ROWS: Promise = "so many failures in a row pause a task, and no fewer"
OVER: Promise = "what is over is said to be over, and removed after its retention"

Patch = Callable[[], Any]


@dataclass(frozen=True)
class Plant:
    """One planted bug, and the promises that it may be found to break."""

    patch: Patch
    breaks: tuple[Promise, ...]


def _sends_not_awaited() -> Any:
    send = Transactions._send

    async def send_and_forget(self: Transactions, topic: str, pairs: Sequence[Pair]) -> list[Any]:
        await send(self, topic, pairs)
        return []

    return mock.patch.object(Transactions, "_send", send_and_forget)


@contextmanager
def _producer_used_again() -> Generator[None]:
    prepare, commit = Transactions.prepare, Transactions.commit
    prepared: dict[Transactions, Turn] = {}

    async def prepare_and_note(self: Transactions, turn: Turn) -> None:
        prepared[self] = turn
        await prepare(self, turn)

    async def commit_or_again(self: Transactions) -> None:
        try:
            await commit(self)
        except Doubt:
            with suppress(Doubt):  # whatever it was, this program goes on
                await self._surely(self._producer.abort_transaction())
            await prepare(self, prepared[self])
            await commit(self)

    with mock.patch.multiple(Transactions, prepare=prepare_and_note, commit=commit_or_again):
        yield


@contextmanager
def _read_before_fencing() -> Generator[None]:
    fence, prepare = Transactions.fence, Transactions.prepare
    fenced: set[Transactions] = set()

    async def not_yet(_: Transactions) -> None:
        """Fence later, with the first turn."""

    async def fence_and_prepare(self: Transactions, turn: Turn) -> None:
        if self not in fenced:
            fenced.add(self)
            await fence(self)
        await prepare(self, turn)

    with mock.patch.multiple(Transactions, fence=not_yet, prepare=fence_and_prepare):
        yield


def _at(second: Callable[[Change, State, Incoming], int]) -> Any:
    begin = Change.__init__

    def init(self: Change, place: Any, state: State, incoming: Incoming, event_id: Any, emission: Emission) -> None:
        begin(self, place, state, incoming, event_id, emission)
        self._at = second(self, state, incoming)

    return mock.patch.object(Change, "__init__", init)


def _retroactive_edit() -> Any:
    return _at(lambda _, state, incoming: min(state.position.second, incoming.appended.ms // 1000))


def _edit_lost_in_its_spread() -> Any:
    def hand_over(old: EffectiveSchedule, schedule: Any, offset: int, at: int) -> Handover:
        return Handover(EffectiveSchedule(schedule, offset, at, at), NEVER)

    return mock.patch.object(changes, "hand_over", hand_over)


@contextmanager
def _ticks_first_after_an_outage() -> Generator[None]:
    turn = Scheduler.turn

    def never_recovering(self: Scheduler, now_ms: int, inbox: Sequence[Incoming], *, recovering: bool = False) -> Turn:
        del recovering
        return turn(self, now_ms, inbox)

    with mock.patch.object(Scheduler, "turn", never_recovering):
        yield


def _clock_not_compared() -> Any:
    return mock.patch("tasker_ticker.kafka.transaction.MAX_AHEAD_MS", 1 << 60)


def _commit_before_the_second() -> Any:
    async def at_once(_self: Turns, _second: int) -> None:
        """Do not wait."""

    return mock.patch.object(Turns, "_until_begun", at_once)


def _repeats_not_known() -> Any:
    return mock.patch.object(Held, "remember", return_value=None)


def _older_forwarded_event_wins() -> Any:
    return mock.patch.object(Change, "_outdated", return_value=False)


@contextmanager
def _resume_replays_the_pause() -> Generator[None]:
    keep = State.keep

    def nothing_decided(self: EffectiveSchedule, _until: int) -> int:
        return self.after_nominal

    def keep_from_before(self: State, task: Held) -> None:
        if not task.paused and task.since == self.position.second:
            task.since -= 3
        keep(self, task)

    with (
        mock.patch.object(EffectiveSchedule, "last_decided", nothing_decided),
        mock.patch.object(State, "keep", keep_from_before),
    ):
        yield


@contextmanager
def _stalls_not_noticed() -> Generator[None]:
    with mock.patch("tasker_ticker.loop.STALL_MS", 1 << 60):
        yield


PLANTED: dict[str, Plant] = {
    "commit without awaiting sends": Plant(_sends_not_awaited, (WHOLE, LOST, VERDICTS, TWICE, OVER)),
    "re-use of a producer after doubt": Plant(_producer_used_again, (WHOLE, TWICE)),
    "reading before fencing": Plant(_read_before_fencing, (WHOLE,)),
    "retroactive edit": Plant(_retroactive_edit, (EFFECT, RETROACTIVE, TWICE)),
    "lost edit between nominal and effective time": Plant(_edit_lost_in_its_spread, (LOST, NEXT)),
    "off by one at a burst cut": Plant(planted_bursts.off_by_one_at_the_cut, (TWICE,)),
    "burst position ignored at restore": Plant(planted_bursts.position_ignored, (TWICE,)),
    "burst taken as finished at restore": Plant(planted_bursts.taken_as_finished, (LOST, OVER)),
    "burst position lost where the rest becomes a gap": Plant(planted_bursts.position_lost_in_a_gap, (TWICE,)),
    "event applied in the middle of a burst": Plant(
        planted_bursts.event_in_between, (EFFECT, RETROACTIVE, GROWS, NEXT)
    ),
    "pause during an outage ignored": Plant(_ticks_first_after_an_outage, (EFFECT,)),
    "clock not compared with the broker's": Plant(_clock_not_compared, (EARLY, EFFECT)),
    "prepared turn committed before its second": Plant(_commit_before_the_second, (EARLY,)),
    "stalls not noticed": Plant(_stalls_not_noticed, (EFFECT,)),
    "repeated events not known": Plant(_repeats_not_known, (VERDICTS, TWICE)),
    "older forwarded event wins": Plant(_older_forwarded_event_wins, (VERDICTS,)),
    "resume replays the pause": Plant(_resume_replays_the_pause, (RETROACTIVE, TWICE)),
    "catch-up cursor not in the transaction": Plant(planted_background.cursor_not_written, (TWICE, MISFIRE)),
    "background budget not kept": Plant(planted_background.budget_not_kept, (LANES,)),
    "max_runs not counted across a restart": Plant(planted_background.runs_not_counted, (RETROACTIVE,)),
    "end of a task not remembered": Plant(planted_background.end_not_remembered, (OVER,)),
    "finished task removed with something to come": Plant(planted_background.removed_with_something_to_come, (OVER,)),
    "pending retry not remembered": Plant(planted_background.retry_not_remembered, (RETRIES, VERDICTS, OVER)),
    "backfill cursor not written": Plant(planted_background.backfill_not_advanced, (TWICE, BACKFILLS)),
    "cancel told in one lane only": Plant(planted_background.cancel_in_one_lane, (RETRIES,)),
    "cancel told only while its task is there": Plant(planted_runs.cancel_only_with_its_task, (RETRIES,)),
    "cancel of all runs forgotten": Plant(planted_runs.cancel_of_all_forgotten, (VERDICTS,)),
    "cancel of all runs not remembered": Plant(planted_runs.cancel_of_all_not_remembered, (VERDICTS,)),
    "what comes after a cancel of all runs hit": Plant(planted_runs.later_ones_cancelled, (VERDICTS,)),
    "what an event made not remembered": Plant(planted_runs.made_not_remembered, (VERDICTS, TWICE)),
    "delete forgotten": Plant(planted_runs.delete_forgotten, (VERDICTS,)),
    "delete not remembered": Plant(planted_runs.delete_not_remembered, (VERDICTS,)),
    "malformed retry without a word": Plant(planted_runs.malformed_without_a_word, (RETRIES,)),
    "trigger's payload ignored": Plant(planted_background.trigger_with_the_own_payload, (RETROACTIVE,)),
    "failures not set to 0 by a success": Plant(planted_rows.success_ignored, (ROWS,)),
    "failure counted twice": Plant(planted_rows.counted_twice, (ROWS,)),
    "failures counted in the order in which runs end": Plant(planted_rows.order_of_ends, (ROWS,)),
    "success forgotten while older runs are out": Plant(planted_rows.success_not_written, (ROWS,)),
    "failures not remembered across a restart": Plant(planted_rows.not_remembered, (ROWS,)),
    "failures kept through a resume": Plant(planted_rows.kept_through_a_resume, (ROWS,)),
}
