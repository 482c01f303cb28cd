"""Slots: which run starts next, and what a pause, a lost partition and the end do to the runs that wait."""

from collections import Counter
from dataclasses import dataclass, field

from tasker_core.messages.runs import Run
from tasker_executor.partition.priority_lanes import Lane
from tasker_executor.scheduling.slots import Slots
from tasker_executor.testing.target_server import run_of


@dataclass(eq=False)
class Candidate:
    """A run that wants a slot; `waiting_as` are the keys with which it waits."""

    run: Run
    lane: Lane
    abandoned: bool = False
    waiting_as: list[str] = field(default_factory=list[str])

    def start_waiting(self, key: str) -> None:
        self.waiting_as.append(key)

    def stop_waiting(self, key: str) -> None:
        self.waiting_as.remove(key)


class Model:
    """Slots, and the runs that hold one."""

    def __init__(self, size: int) -> None:
        self.running: list[Candidate] = []
        self.slots = Slots[Candidate](size, self.running.append)

    def add(self, *task_ids: str, lane: Lane = "live") -> list[Candidate]:
        added = [Candidate(run_of(None, task_id=task_id), lane) for task_id in task_ids]
        for candidate in added:
            self.slots.add(candidate)
        return added

    def end(self, candidate: Candidate) -> None:
        self.running.remove(candidate)
        self.slots.release(candidate)


def opened(size: int) -> Model:
    model = Model(size)
    model.slots.resume()
    return model


def test_nothing_starts_before_it_is_known_which_partitions_are_ours() -> None:
    model = Model(8)
    added = model.add("a", "b", "c")
    assert (model.slots.open, model.running, model.slots.waiting("live")) == (False, [], 3)
    assert list(model.slots.first_waiting("live")) == added
    assert list(model.slots.first_waiting("background")) == []
    model.slots.resume()
    assert (model.running, model.slots.waiting("live")) == (added, 0)


def test_what_comes_during_a_pause_starts_when_it_is_over() -> None:
    model = opened(8)
    first = model.add("a")
    model.slots.pause()
    later = model.add("b", "c")
    assert model.running == first
    model.slots.resume()
    assert model.running == [*first, *later]


def test_a_run_counts_as_waiting_with_its_task_until_it_starts_or_is_removed() -> None:
    model = opened(2)
    running, removed, waiting = model.add("a", "a", "a")
    assert [one.waiting_as for one in (running, removed, waiting)] == [[], ["a"], ["a"]]
    assert model.slots.remove(removed)
    assert not model.slots.remove(removed)
    assert not model.slots.remove(running)
    model.end(running)
    assert model.running == [waiting]
    assert removed.waiting_as == waiting.waiting_as == []


def test_runs_of_an_abandoned_partition_do_not_start() -> None:
    model = opened(2)
    first, abandoned, kept = model.add("a", "a", "a")
    model.slots.pause()
    abandoned.abandoned = True
    model.slots.resume()
    assert model.slots.waiting("live") == 1
    model.end(first)
    assert model.running == [kept]


def test_a_task_still_holds_no_more_slots_than_it_leaves_free_after_some_of_its_runs_have_ended() -> None:
    model = opened(6)
    model.add(*"aaaaaaaaa")
    for _ in range(6):
        assert len(model.running) == 3
        model.end(model.running[0])
    assert model.slots.busy == {"live": 3, "background": 0}


def test_a_task_that_has_ended_has_all_its_slots_again() -> None:
    model = opened(6)
    for _ in range(2):
        model.add(*"aaabb")
        assert Counter(one.run.task_id for one in model.running) == {"a": 3, "b": 2}
        for candidate in list(model.running):
            model.end(candidate)


def test_the_background_holds_half_of_the_slots_at_most() -> None:
    model = opened(4)
    background, live = model.add(*"abcd", lane="background"), model.add(*"efgh")
    assert model.running == [*background[:2], *live[:2]]
    assert (model.slots.waiting("background"), model.slots.waiting("live")) == (2, 2)
    model.end(background[0])
    assert model.running == [background[1], *live[:3]]
    model.end(background[1])
    assert model.running == [*live[:3], live[3]]


def test_closed_slots_start_nothing_any_more() -> None:
    model = opened(2)
    (running,) = model.add("a")
    waiting = model.add("a", "b", "c")[0]
    model.slots.close()
    for candidate in list(model.running):
        model.end(candidate)
    model.slots.resume()
    assert (model.slots.open, model.running) == (False, [])
    assert running.waiting_as == []
    assert model.slots.remove(waiting)
