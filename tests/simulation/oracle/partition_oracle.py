"""The oracle: what must have been emitted and recorded, told from the events and the turns' own order alone.

It is independent of the scheduler: it reads the logs raw, lists every occurrence second by second, and compares.
"""

from collections import deque
from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from tasker_core.topics import partition_of
from tests.simulation.environment.world import World
from tests.simulation.oracle.background_budget import judge_budget
from tests.simulation.oracle.committed_log import Happening, Turn, happenings, turns_of
from tests.simulation.oracle.emitted_runs import Emitted, judge
from tests.simulation.oracle.expected_verdicts import Answers
from tests.simulation.oracle.failure_streaks import RULE, must_pause
from tests.simulation.oracle.finished_tasks import Endings
from tests.simulation.oracle.invariants import Broken, hold
from tests.simulation.oracle.misfires import judge_misfires
from tests.simulation.oracle.reference_calendar import second

Body = dict[str, Any]
TASKS = tuple(f"t{number}" for number in range(12))
STALL_MS = 2_300
SKEW_MS = 3_000
"""No clock is trusted that is further ahead: 2 s by the check of each turn, 1 s while a prepared turn is held."""


def verify(world: World) -> None:
    """Raises Broken with the first promise that was not kept."""
    for error in world.failures:
        raise Broken("no error that nobody foresaw", f"{type(error).__name__}: {error}") from error
    home = {task: partition_of(task, world.partitions) for task in TASKS}
    for partition in range(world.partitions):
        Judgement(world, partition, home).run()


class Judgement:
    """Of one partition."""

    def __init__(self, world: World, partition: int, home: dict[str, int]) -> None:
        self._world, self._partition, self._home = world, partition, home
        self._turns = turns_of(world.broker, partition)
        self._events = list(happenings(world.broker, partition))
        self._answers = Answers(partition, home)
        self._emitted = Emitted(self._answers, min(world.max_ahead_ms, SKEW_MS), world.max_behind_ms)
        self._endings = Endings(self._answers, self._emitted)
        # What took effect later than that had to be noticed as a stall, after which events come first.
        self._slack_ms = STALL_MS + world.max_ahead_ms + world.max_behind_ms + world.lag_ms
        self._behind_ms = world.max_behind_ms

    def run(self) -> None:
        """Turn by turn, then the whole."""
        before: Turn | None = None
        for turn in self._turns:
            self._follows(turn, before)
            self._endings.look(turn)
            self._judge_events(turn, before)
            self._endings.look(turn)
            self._emitted.take(turn)
            self._endings.counted()
            before = turn
        before = self._all_done(before)
        judge(self._answers, self._emitted, before)
        self._endings.judge(before)
        if self._world.steady:
            judge_budget(self._answers, self._emitted, self._world.background_rate)
        for life in self._answers.all.values():
            judge_misfires(life, self._emitted, self._world.max_ahead_ms)

    def _follows(self, turn: Turn, before: Turn | None) -> None:
        """A turn comes after the last one: nobody else wrote in between, nothing is written again."""
        number = before.mark["turn"] if before else 0
        told = f"partition {self._partition}: turn {turn.mark['turn']} of {turn.mark['owner']} after turn {number}"
        hold(turn.mark["turn"] == number + 1, "whole turns, one after the other", told)
        if before is None:
            return
        place = (turn.time, turn.mark.get("burst", {}).get("after_task", ""))
        stood = (before.time, before.mark.get("burst", {}).get("after_task", ""))
        grew = turn.time > before.time or place >= stood
        grew = grew and turn.mark["next_offset"] >= before.mark["next_offset"]
        hold(grew, "the watermark only grows", f"{told}: {before.mark} is followed by {turn.mark}")

    def _judge_events(self, turn: Turn, before: Turn | None) -> None:
        """Every event that a turn passed has its verdict in it, in order, at the right second."""
        first = before.mark["next_offset"] if before else 0
        passed = self._events[first : turn.mark["next_offset"]]
        told = f"partition {self._partition}, turn {turn.mark['turn']}"
        one_each = "one verdict for each event, in order"
        at = (
            before.deciding if before else (self._fence(turn) - self._behind_ms) // 1000
        )  # the first owner began after that
        words = deque(turn.verdicts)
        for event in passed:
            if event.body is None or self._goes_unanswered(event, words, told):  # it moves the time along, too
                at = max(at, min(event.append[0] // 1000, turn.time))
                continue
            while words and words[0]["type"] != "verdict":
                self._endings.take(words.popleft(), turn, before)
            found = words[0]["event_id"] if words else None
            hold(found == event.id, one_each, f"{told}: event {event.id}, verdict {found}")
            verdict = words.popleft()
            at = self._effect(event, verdict, at, turn, first=before is None)
            self._answers.take(event, verdict, at, at if "effective_from" in verdict else turn.time)
        for word in words:
            hold(word["type"] != "verdict", one_each, f"{told}: no event for {word}")
            self._endings.take(word, turn, before)

    def _goes_unanswered(self, event: Happening, words: Iterable[Body], told: str) -> bool:
        """Whether an event only tells how a run has ended, and that pauses nothing."""
        if not self._answers.is_outcome(event):
            return False
        life = self._answers.lives.get(event.task)
        due = must_pause(life, event)
        before = list(takewhile(lambda word: word["type"] != "verdict", words))
        answer = next((word for word in words if word["type"] == "verdict"), None)
        paused = answer is not None and (answer["event_id"], answer["event_type"]) == (event.id, "outcome")
        # Of a task that is over by then, which is said in this very turn, nothing is paused.
        over = any(word["type"] == "finished" and word["task_id"] == event.task for word in before)
        right = due and not over if paused else over or not due
        hold(right, RULE, f"{told}: {event.body} {'paused' if paused else 'did not pause'} {life}")
        return not paused

    def _fence(self, turn: Turn) -> int:
        """When the owner of a turn began, in milliseconds."""
        return self._world.broker.fences[f"tasker-ticker-{self._partition}", turn.epoch]

    def _effect(self, event: Happening, verdict: Body, stood: int, turn: Turn, *, first: bool) -> int:
        """The second at which an event took effect, checked; for a refused one the best that can be known."""
        append = event.append[0] // 1000
        if "effective_from" not in verdict:
            return max(stood, min(append, turn.time))
        at, rule = second(verdict["effective_from"]), "an event takes effect at its append time"
        told = f"event {self._partition}:{event.offset} of {event.append[0]} took effect at {at}, watermark {stood}"
        early = (event.append[0] - self._behind_ms) // 1000
        hold(at >= min(max(stood, early), turn.time), rule, f"{told}: too early")
        hold(at * 1000 <= turn.ms + min(self._world.max_ahead_ms, SKEW_MS), rule, f"{told}: in the future")
        if first:  # of all owners, who takes up the time where it begins to restore
            stood = turn.time
        if event.ms <= self._fence(turn):
            hold(at <= max(stood, append), rule, f"{told}, though it was there when its owner began: too late")
        hold(at <= max(stood, (event.ms + self._slack_ms) // 1000), rule, f"{told}: too late")
        return at

    def _all_done(self, last: Turn | None) -> Turn:
        """In the end, when all is healed, nothing is left to do. The last turn."""
        world, done = self._world, "all that is due is done within 10 seconds"
        end = world.end_ms // 1000
        told = f"partition {self._partition} at {end}"
        hold(last is not None and last.time >= end - 5, done, f"{told}: watermark {last and last.mark}")
        assert last is not None
        hold(not last.mark.get("catch_up"), done, f"{told}: still open {last.mark}")
        recent = [event for event in self._events[last.mark["next_offset"] :] if event.ms < world.end_ms - 5000]
        hold(not recent, done, f"{told}: events without an answer {recent}")
        letters = {entry.value for entry in world.broker.log("tasker.dead-letters", 0).committed()}
        kept_for = "wrong partitions are forwarded, what is unreadable is kept"
        for event in self._events:
            if event.body is None:
                raw = world.broker.log("tasker.task-events", self._partition).entries[event.offset].value or b""
                hold(raw in letters, kept_for, f"{told}: {raw!r} is in no dead letter")
            elif (home := self._home[event.task]) != self._partition and event.offset < last.mark["next_offset"]:
                there = {other.append for other in happenings(world.broker, home)}
                hold(event.append in there, kept_for, f"{told}: event {event.offset} never came to {home}")
        return last
