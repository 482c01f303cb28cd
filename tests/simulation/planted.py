"""Bugs on purpose, each a small patch of the real code: the simulation must find every one of them."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from unittest import mock

from msgspec.structs import replace

from tasker_core.schedule import NEVER
from tasker_core.standing import Standing, Takeover
from tasker_ticker import changes
from tasker_ticker.catch_up import Gap
from tasker_ticker.changes import Change
from tasker_ticker.emission import Emission
from tasker_ticker.position import Position
from tasker_ticker.records import Held
from tasker_ticker.scheduler import Incoming, Scheduler
from tasker_ticker.state import State
from tasker_ticker.transaction import Doubt, Transactions
from tasker_ticker.turn import Turn
from tasker_ticker.turns import Turns
from tests.simulation.promises import Promise

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
DONE: Promise = "all that is due is done within 10 seconds"

Patch = Callable[[], Any]


@dataclass(frozen=True)
class Plant:
    """One planted bug, and the promises that it may be found to break."""

    patch: Patch
    breaks: tuple[Promise, ...]


def _sends_not_awaited() -> Any:
    async def send_all(self: Transactions, turn: Turn) -> None:
        await self._producer.begin_transaction()
        key = str(self._partition).encode()
        await self._producer.send(self._topics["watermarks"], turn.watermark, key=key, partition=self._partition)
        for stream, pairs in turn.records.items():
            await self._send(self._topics[stream], pairs)

    return mock.patch.object(Transactions, "_send_all", send_all)


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
    def take_over(old: Standing, schedule: Any, offset: int, at: int) -> Takeover:
        return Takeover(Standing(schedule, offset, at, at), NEVER)

    return mock.patch.object(changes, "take_over", take_over)


@contextmanager
def _off_by_one_at_the_cut() -> Generator[None]:
    keep = State.keep

    def keep_one_less(self: State, task: Held) -> None:
        after = self.position.burst_after
        if after == task.id:
            self.position.burst_after = None
        keep(self, task)
        self.position.burst_after = after

    with mock.patch.object(State, "keep", keep_one_less):
        yield


@contextmanager
def _cursor_not_written() -> Generator[None]:
    write = Position.watermark

    def watermark(self: Position, owner: str) -> bytes:
        gaps, self.gaps = self.gaps, [Gap(gap.after, gap.to) for gap in self.gaps]
        try:
            return write(self, owner)
        finally:
            self.gaps = gaps

    with mock.patch.object(Position, "watermark", watermark):
        yield


@contextmanager
def _ticks_first_after_an_outage() -> Generator[None]:
    turn = Scheduler.turn

    def never_recovering(self: Scheduler, now_ms: int, inbox: Sequence[Incoming], *, recovering: bool = False) -> Turn:
        del recovering
        return turn(self, now_ms, inbox)

    with mock.patch.object(Scheduler, "turn", never_recovering):
        yield


@contextmanager
def _event_in_a_burst() -> Generator[None]:
    turn, advance = Scheduler._turn, Scheduler._advance
    waiting: dict[Scheduler, bool] = {}

    def turn_and_note(self: Scheduler, now_ms: int, inbox: Sequence[Incoming], *args: Any, **options: Any) -> Turn:
        waiting[self] = bool(inbox)
        return turn(self, now_ms, inbox, *args, **options)

    def advance_if_alone(self: Scheduler, to: int, emission: Emission, **options: Any) -> bool:
        if self.state.position.burst_after is not None and waiting[self] and not emission.turn.full:
            return True
        return advance(self, to, emission, **options)

    with mock.patch.multiple(Scheduler, _turn=turn_and_note, _advance=advance_if_alone):
        yield


def _clock_not_compared() -> Any:
    return mock.patch("tasker_ticker.transaction.MAX_AHEAD_MS", 1 << 60)


def _commit_before_the_second() -> Any:
    async def at_once(_self: Turns, _second: int) -> None:
        """Do not wait."""

    return mock.patch.object(Turns, "_until_begun", at_once)


def _repeats_not_known() -> Any:
    return mock.patch.object(Held, "remember", return_value=None)


def _older_forwarded_event_wins() -> Any:
    return mock.patch.object(Change, "_outdated", return_value=False)


@contextmanager
def _runs_not_counted() -> Generator[None]:
    state = Held.state

    def forgetful(self: Held) -> bytes:
        done, self.runs_done = self.runs_done, 0
        try:
            return state(self)
        finally:
            self.runs_done = done

    with mock.patch.object(Held, "state", forgetful):
        yield


@contextmanager
def _retry_not_remembered() -> Generator[None]:
    remember = Emission.remember_run

    def forget(self: Emission, run_id: str, memory: Any) -> None:
        remember(self, run_id, None if memory is None else replace(memory, pending=None))

    with mock.patch.object(Emission, "remember_run", forget):
        yield


@contextmanager
def _resume_replays_the_pause() -> Generator[None]:
    keep = State.keep

    def nothing_dealt_with(self: Standing, _until: int) -> int:
        return self.after_nominal

    def keep_from_before(self: State, task: Held) -> None:
        if not task.paused and task.since == self.position.second:
            task.since -= 3
        keep(self, task)

    with (
        mock.patch.object(Standing, "dealt_with", nothing_dealt_with),
        mock.patch.object(State, "keep", keep_from_before),
    ):
        yield


@contextmanager
def _backfill_not_advanced() -> Generator[None]:
    remember = Emission.remember_backfill
    first: dict[str, Any] = {}

    def stale(self: Emission, event_id: str, state: Any) -> None:
        remember(self, event_id, None if state is None else first.setdefault(event_id, state))

    with mock.patch.object(Emission, "remember_backfill", stale):
        yield


@contextmanager
def _stalls_not_noticed() -> Generator[None]:
    with mock.patch("tasker_ticker.turns.STALL_MS", 1 << 60):
        yield


PLANTED: dict[str, Plant] = {
    "commit without awaiting sends": Plant(_sends_not_awaited, (WHOLE, LOST, VERDICTS, TWICE)),
    "re-use of a producer after doubt": Plant(_producer_used_again, (WHOLE, TWICE)),
    "reading before fencing": Plant(_read_before_fencing, (WHOLE,)),
    "retroactive edit": Plant(_retroactive_edit, (EFFECT, RETROACTIVE, TWICE)),
    "lost edit between nominal and effective time": Plant(_edit_lost_in_its_spread, (LOST,)),
    "off by one at a burst cut": Plant(_off_by_one_at_the_cut, (TWICE,)),
    "catch-up cursor not in the transaction": Plant(_cursor_not_written, (TWICE, MISFIRE)),
    "pause during an outage ignored": Plant(_ticks_first_after_an_outage, (EFFECT,)),
    "event applied in the middle of a burst": Plant(_event_in_a_burst, (EFFECT, RETROACTIVE, GROWS)),
    "clock not compared with the broker's": Plant(_clock_not_compared, (EARLY, EFFECT)),
    "prepared turn committed before its second": Plant(_commit_before_the_second, (EARLY,)),
    "repeated events not known": Plant(_repeats_not_known, (VERDICTS, TWICE)),
    "older forwarded event wins": Plant(_older_forwarded_event_wins, (VERDICTS,)),
    "max_runs not counted across a restart": Plant(_runs_not_counted, (RETROACTIVE,)),
    "pending retry not remembered": Plant(_retry_not_remembered, (RETRIES, VERDICTS)),
    "resume replays the pause": Plant(_resume_replays_the_pause, (RETROACTIVE, TWICE)),
    "backfill cursor not written": Plant(_backfill_not_advanced, (TWICE, BACKFILLS)),
    "stalls not noticed": Plant(_stalls_not_noticed, (EFFECT,)),
}
