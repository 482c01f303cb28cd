"""Tasks take turns, and none holds more slots than it leaves free."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tasker_executor.scheduling.fair_queue import FairQueue, may_start

TASKS = "abcdef"
task_ids = st.sampled_from(TASKS)


def always(_: str) -> bool:
    return True


def queue_of(*waiting: str) -> FairQueue[tuple[str, int]]:
    queue: FairQueue[tuple[str, int]] = FairQueue()
    for number, task_id in enumerate(waiting):
        queue.add(task_id, (task_id, number))
    return queue


def all_of(queue: FairQueue[tuple[str, int]]) -> list[tuple[str, int]]:
    taken: list[tuple[str, int]] = []
    while (task_id := queue.next_task(always)) is not None:
        taken.append(queue.pop(task_id))
    return taken


def test_ten_thousand_of_one_task_let_each_other_task_have_every_second_turn() -> None:
    taken = all_of(queue_of(*"a" * 10_000, *"b" * 3))
    assert [task_id for task_id, _ in taken[:7]] == list("abababa")


@given(st.lists(task_ids, max_size=60))
def test_tasks_take_turns_and_each_keeps_its_own_order(waiting: list[str]) -> None:
    taken = all_of(queue_of(*waiting))
    for task_id in TASKS:
        assert [one for one in taken if one[0] == task_id] == [
            (task_id, n) for n, of in enumerate(waiting) if of == task_id
        ]
    turns = Counter[str]()
    for task_id, _ in taken:
        turns[task_id] += 1
        left = {other for other in TASKS if turns[other] < waiting.count(other)}
        assert all(turns[task_id] - turns[other] <= 1 for other in left)


@given(st.lists(st.tuples(st.sampled_from(["add", "remove", "take"]), task_ids), max_size=200))
def test_nothing_is_lost_or_doubled(steps: list[tuple[str, str]]) -> None:
    queue, waiting, number = queue_of(), list[tuple[str, int]](), 0
    for step, task_id in steps:
        mine = [one for one in waiting if one[0] == task_id]
        if step == "add":
            number += 1
            queue.add(task_id, (task_id, number))
            waiting.append((task_id, number))
        elif step == "remove":
            one = mine[-1] if mine else (task_id, -1)
            assert queue.remove(task_id, one) == bool(mine)
            waiting = [other for other in waiting if other != one]
        elif mine:
            assert queue.pop(task_id) == mine[0]
            waiting.remove(mine[0])
        assert len(queue) == len(waiting)
        assert (queue.next_task(always) is None) == (not waiting)
    queue.retain(lambda one: one[0] == "a")
    assert sorted(all_of(queue)) == sorted(one for one in waiting if one[0] == "a")


def test_who_may_not_start_is_passed_over() -> None:
    assert queue_of("a", "b", "c").next_task(lambda task_id: task_id > "a") == "b"
    assert queue_of("a").next_task(lambda _: False) is None


def filled(size: int, tasks: int) -> Counter[str]:
    """Slots with so many tasks that each want all of them, and whose runs never end."""
    held, queue = Counter[str](), queue_of(*(str(task) for _ in range(size) for task in range(tasks)))
    while (task_id := queue.next_task(lambda one: may_start(held[one], size - held.total()))) is not None:
        queue.pop(task_id)
        held[task_id] += 1
    return held


def test_shares() -> None:
    assert filled(200, 1).total() == 100
    assert set(filled(200, 3).values()) == {50}
    assert filled(200, 200).total() == 200
    assert [filled(size, 1).total() for size in (1, 2, 3, 4)] == [1, 1, 2, 2]


@given(st.integers(1, 60), st.integers(1, 8))
def test_whoever_hangs_leaves_a_slot_for_the_next_task(size: int, tasks: int) -> None:
    held = filled(size, tasks)
    assert held.total() <= size
    if tasks < size:
        assert may_start(0, size - held.total())
    assert len(held) == min(tasks, size)
    assert max(held.values()) - min(held.values()) <= 1


def test_what_does_not_wait_cannot_be_removed_and_its_task_keeps_what_does() -> None:
    queue = queue_of("a", "a", "a")
    assert not queue.remove("a", ("a", 9))
    assert not queue.remove("b", ("b", 0))
    assert queue.remove("a", ("a", 1))
    assert not queue.remove("a", ("a", 1))
    assert len(queue) == 2
    assert all_of(queue) == [("a", 0), ("a", 2)]
