"""What each overlap policy decides, and what holds under all of them, over any history."""

from dataclasses import dataclass
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasker_core.messages.runs import Overlap, Policy, Run
from tasker_core.time.instant import rfc3339_second
from tasker_executor.scheduling.overlap import MAX_QUEUED, QueueRun, ReplaceRuns, SkipRun, StartRun, decide, is_older

NOON = 1_767_268_800
POLICIES: tuple[Overlap, ...] = get_args(Overlap)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A run for which it is decided."""

    run: Run


def due(second: int, attempt: int = 1, overlap: Overlap = "skip") -> Candidate:
    """The run that is due so many seconds after noon."""
    at = rfc3339_second(NOON + second)
    return Candidate(
        Run(
            run_id=f"r{second}",
            task_id="t",
            task_name="t",
            generation=1,
            version=1,
            nominal_at=at,
            effective_at=at,
            emitted_at=at,
            attempt=attempt,
            policy=Policy(overlap=overlap),
        )
    )


@pytest.mark.parametrize("policy", POLICIES)
def test_an_idle_task_starts_whatever_comes(policy: Overlap) -> None:
    assert decide(policy, [], [], due(1)) == StartRun()


def test_allow_starts_beside_others() -> None:
    assert decide("allow", [due(1)], [due(2)], due(3)) == StartRun()


def test_skip_names_the_run_that_executes() -> None:
    first, new = due(1), due(2)
    assert decide("skip", [first], [], new) == SkipRun(first)


def test_queue_one_lets_one_wait_and_skips_those_after_it() -> None:
    first, second = due(1), due(2)
    assert decide("queue_one", [first], [], second) == QueueRun()
    assert decide("queue_one", [first], [second], due(3)) == SkipRun(second)


def test_queue_all_lets_a_hundred_wait() -> None:
    queued = [due(n) for n in range(1, MAX_QUEUED + 1)]
    assert decide("queue_all", [due(0)], queued[:-1], due(500)) == QueueRun()
    assert decide("queue_all", [due(0)], queued, due(500)) == SkipRun(queued[-1])


def test_replace_cancels_what_executes_and_what_waits() -> None:
    first, second = due(1), due(2)
    assert decide("replace", [first], [second], due(3)) == ReplaceRuns((first, second))


def test_what_is_older_replaces_nothing_newer() -> None:
    newer = due(5)
    assert decide("replace", [newer], [], due(1, attempt=2)) == SkipRun(newer)
    assert decide("replace", [newer], [], due(1)) == SkipRun(newer)
    assert decide("replace", [due(1)], [], due(5, attempt=2)) != SkipRun(newer)


def test_a_repeated_attempt_that_waits_gives_way_to_a_newer_run() -> None:
    running, retry = due(3), due(1, attempt=2)
    assert decide("queue_one", [running], [], retry) == QueueRun()
    assert decide("queue_one", [running], [retry], due(4)) == QueueRun(instead_of=retry)
    waiting = due(4)
    assert decide("queue_one", [running], [waiting], retry) == SkipRun(waiting)
    assert decide("queue_one", [running], [waiting], due(5, attempt=3)) == SkipRun(waiting)


@pytest.mark.parametrize("policy", [one for one in POLICIES if one != "allow"])
def test_attempts_of_one_run_wait_for_each_other(policy: Overlap) -> None:
    assert decide(policy, [due(1)], [], due(1, attempt=2)) == QueueRun()


class Task:
    """The runs of a task by the decisions of `overlap.py`, and how each ended."""

    def __init__(self) -> None:
        self.active, self.queued = list[Candidate](), list[Candidate]()
        self.ends: dict[Candidate, str] = {}
        self.most_active = 0

    def add(self, new: Candidate) -> None:
        match decide(new.run.policy.overlap, self.active, self.queued, new):
            case StartRun():
                self._start(new)
            case SkipRun(because=other):
                assert other in (*self.active, *self.queued)
                self.ends[new] = "skipped"
            case QueueRun(instead_of=other):
                if other is not None:
                    assert is_older(other, new)
                    self.queued.remove(other)
                    self.ends[other] = "skipped"
                self.queued.append(new)
            case ReplaceRuns(replaced=others):
                self.queued.append(new)
                for other in others:
                    assert not is_older(new, other)
                    (self.active if other in self.active else self.queued).remove(other)
                    self.ends[other] = "replaced"
        self._advance()

    def end(self) -> None:
        if self.active:
            self.ends[self.active.pop(0)] = "done"
            self._advance()

    def _advance(self) -> None:
        if self.queued and not self.active:
            self._start(self.queued.pop(0))

    def _start(self, one: Candidate) -> None:
        self.active.append(one)
        self.most_active = max(self.most_active, len(self.active))


new_runs = st.tuples(st.integers(0, 20), st.integers(1, 3))


@pytest.mark.parametrize("policy", POLICIES)
@example(steps=[(0, 1), (1, 1), (0, 2), (2, 1)])
@given(steps=st.lists(st.one_of(st.none(), new_runs), max_size=60))
def test_over_any_history_each_run_ends_once_and_none_overlaps(
    policy: Overlap, steps: list[tuple[int, int] | None]
) -> None:
    task, runs = Task(), list[Candidate]()
    for step in steps:
        if step is None:
            task.end()
            continue
        runs.append(due(*step, overlap=policy))
        task.add(runs[-1])
        others = {one.run.run_id for one in task.queued} - {one.run.run_id for one in task.active}
        assert len(others) <= {"queue_one": 1, "queue_all": MAX_QUEUED, "allow": 0}.get(policy, len(steps))
        assert not task.queued or task.active
    while task.active:
        task.end()
    assert task.ends.keys() == set(runs)
    assert task.most_active <= 1 or policy == "allow"
    if policy == "allow":
        assert set(task.ends.values()) <= {"done"}
    if policy == "queue_all":
        assert set(task.ends.values()) <= {"done"}
    if runs:
        assert "done" in task.ends.values()
