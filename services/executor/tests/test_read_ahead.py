"""What is read ahead of one task keeps no other out, and is bounded in number and bytes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.messages.runs import Run
from tasker_executor.partition.partition import POLL_RECORDS
from tasker_executor.partition.read_ahead import MAX_BYTES, MAX_PER_TASK, MAX_UNCOUNTED, MAX_WAITING, ReadAhead
from tasker_executor.testing.runner_harness import NewRunnerHarness

task_ids = st.sampled_from("abcdef")


def test_one_task_keeps_no_other_out() -> None:
    read_ahead = ReadAhead()
    for _ in range(MAX_UNCOUNTED):
        read_ahead.add("a", 10)
    assert read_ahead.has_capacity(200)
    assert read_ahead.counted == MAX_PER_TASK
    for n in range(MAX_WAITING - MAX_PER_TASK - 200):
        read_ahead.add(f"b{n}", 10)
    assert read_ahead.has_capacity(200)
    read_ahead.add("c", 10)
    assert not read_ahead.has_capacity(200)


@pytest.mark.parametrize("many", [2, 10, 30])
def test_many_tasks_with_very_many_runs_keep_no_other_out(many: int) -> None:
    read_ahead = ReadAhead()
    for n in range(many * 150):
        read_ahead.add(f"many{n % many}", 1_000)
    for n in range(200):
        read_ahead.add(f"other{n}", 1_000)
    assert read_ahead.has_capacity(POLL_RECORDS)


async def test_hosts_that_hang_and_tasks_that_queue_all_keep_no_other_out(
    new_runner_harness: NewRunnerHarness,
) -> None:
    def called_host(run: Run) -> str | None:
        return run.task_id if run.task_id.startswith("host") else None

    harness = new_runner_harness(per_host=2, called_host=called_host)
    for n in range(10 * 150):
        harness.run(f"host{n % 5}")
        harness.run(f"queue{n % 5}", "queue_all")
    harness.run("other")
    await harness.finished()  # what queue_all skips
    assert harness.partitions["live"].read_ahead.waiting > 5 * 200
    assert harness.partitions["live"].has_capacity


def test_it_is_bounded_in_number_and_bytes() -> None:
    read_ahead = ReadAhead()
    for _ in range(MAX_UNCOUNTED + MAX_WAITING):
        read_ahead.add("a", 1)
    assert not read_ahead.has_capacity(1)
    large = ReadAhead()
    large.add("a", MAX_BYTES + 1)
    assert not large.has_capacity(1)
    large.remove("a", MAX_BYTES + 1)
    assert large.has_capacity(MAX_WAITING)


@given(st.lists(st.tuples(st.booleans(), task_ids), max_size=400))
def test_it_counts_by_task(steps: list[tuple[bool, str]]) -> None:
    read_ahead, waiting = ReadAhead(), Counter[str]()
    for enters, task_id in steps:
        if enters:
            read_ahead.add(task_id, 7)
            waiting[task_id] += 1
        elif waiting[task_id]:
            read_ahead.remove(task_id, 7)
            waiting[task_id] -= 1
        assert read_ahead.waiting == waiting.total()
        assert read_ahead.counted == sum(min(count, MAX_PER_TASK) for count in waiting.values())
        assert read_ahead.size == 7 * waiting.total()


def test_the_runs_of_a_task_beyond_its_limit_count_as_those_before_them_leave() -> None:
    read_ahead = ReadAhead()
    for _ in range(MAX_PER_TASK + 50):
        read_ahead.add("a", 7)
    for left in reversed(range(MAX_PER_TASK + 50)):
        read_ahead.remove("a", 7)
        assert (read_ahead.counted, read_ahead.waiting) == (min(left, MAX_PER_TASK), left)


def test_its_bounds_are_exact() -> None:
    read_ahead = ReadAhead()
    read_ahead.add("a", MAX_BYTES)
    assert read_ahead.has_capacity(1)
    for _ in range(MAX_WAITING + MAX_UNCOUNTED - 2):
        read_ahead.add("a", 0)
    assert read_ahead.has_capacity(1)
    read_ahead.add("a", 0)
    assert not read_ahead.has_capacity(1)
