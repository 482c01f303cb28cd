"""`H` by Jenkins' rules: which values it may take, that it stays, and that tasks spread."""

import hashlib
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tasker_core.cron.dialect import parse
from tasker_core.cron.hashes import has_hash, hashed_fields, resolve_hashes
from tasker_core.errors import InvalidInput
from tasker_core.schedules.schedule import Schedule, for_task
from tasker_core.task import parse_task

TASKS = [f"task-{number}" for number in range(600)]


def chosen(expression: str, field: int) -> Counter[str]:
    """How often each value of a field comes in the resolved expressions of 600 tasks."""
    return Counter(resolve_hashes(expression, task).split()[field] for task in TASKS)


@pytest.mark.parametrize(
    ("expression", "field", "values"),
    [
        ("H * * * *", 0, range(60)),
        ("0 H * * *", 1, range(24)),
        ("0 0 H * *", 2, range(1, 29)),
        ("0 0 1 H *", 3, range(1, 13)),
        ("0 0 * * H", 4, range(7)),
        ("H 0 0 * * *", 0, range(60)),
        ("H 0 0 1 1 ? 2030", 0, range(60)),
        ("H(0-29) * * * *", 0, range(30)),
        ("0 h(8-17) * * *", 1, range(8, 18)),
        ("0 0 H(1-7) * *", 2, range(1, 8)),
    ],
)
def test_each_value_of_the_field_is_somebodys(expression: str, field: int, values: range) -> None:
    assert set(chosen(expression, field)) == {str(value) for value in values}


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("H/15 * * * *", {f"{first}-59/15" for first in range(15)}),
        ("H(10-50)/10 * * * *", {f"{first}-50/10" for first in range(10, 20)}),
        ("H,30 * * * *", {f"{first},30" for first in range(60)}),
        ("H(0-29),H(30-59) * * * *", {f"{first},{first + 30}" for first in range(30)}),
    ],
)
def test_steps_and_lists(expression: str, values: set[str]) -> None:
    assert set(chosen(expression, 0)) == values


def test_the_value_is_that_of_the_contract() -> None:
    for name, field, span in (("minute", 0, 60), ("hour", 1, 24)):
        number = int.from_bytes(hashlib.blake2b(f"nightly/{name}".encode(), digest_size=8).digest())
        assert resolve_hashes("H H * * *", "nightly").split()[field] == str(number % span)


def test_the_values_of_a_task_are_those_of_earlier_releases() -> None:
    assert resolve_hashes("H H H H H H", "nightly") == "11 21 13 21 1 4"


def test_hours_do_not_follow_from_minutes() -> None:
    pairs = {tuple(resolve_hashes("H H * * *", task).split()[:2]) for task in TASKS}
    assert len(pairs) > 450  # of 600 tasks on 1,440 pairs, 491 are expected


def test_tasks_spread_evenly() -> None:
    counts = chosen("H * * * *", 0)
    assert max(counts.values()) < 25  # 10 expected


@pytest.mark.parametrize(
    ("expression", "hashed"),
    [
        ("H * * * *", True),
        ("0 0 * * h", True),
        ("5,H * * * *", True),
        ("H(0-9)/3 * * * *", True),
        ("0 9 * * THU", False),
        ("@hourly", False),
        ("0 9 * MAR *", False),
        ("", False),
    ],
)
def test_which_expressions_have_one(expression: str, hashed: bool) -> None:
    assert has_hash(expression) is hashed
    if not hashed:
        assert resolve_hashes(expression, "a") == expression


def test_which_fields_have_one() -> None:
    assert [field.name for field in hashed_fields("0 H(1-3) * * H")] == ["hour", "weekday"]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("H(0-60) * * * *", "minute: 'H(0-60)' is out of range; H takes a range within 0 to 59"),
        ("H(30-0) * * * *", "minute: 'H(30-0)' is out of range"),
        ("0 0 H(1-31) * *", "H takes a range within 1 to 28, which every month has"),
        ("0 0 * * H(1-7)", "within 0 to 6"),
        ("H/61 * * * *", "the step 61 in 'H/61' is not within 1 to 60"),
        ("H(0-9)/0 * * * *", "the step 0"),
        ("H(0-9/3 * * * *", "is not understood; use H, H(0-5), H/2 or H(0-5)/2"),
        ("H-5 * * * *", "is not understood"),
        ("H#2 * * * *", "is not understood"),
        ("0 0 0 1 1 ? H", "year: H"),
    ],
)
def test_what_is_refused(expression: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z-]+: ") as error:
        resolve_hashes(expression, "a")
    assert reason in str(error.value)


def test_times_are_not_computed_without_a_task() -> None:
    with pytest.raises(ValueError, match="depends on the task's id"):
        parse("H * * * *")


ITEMS = st.sampled_from(["H", "H/2", "H(1-5)", "H(1-5)/2", "*", "3", "1-5", "H,2"])


@given(st.lists(ITEMS, min_size=5, max_size=6), st.text("abcXYZ019._-", min_size=1, max_size=20))
def test_a_resolved_expression_is_an_ordinary_one(items: list[str], task_id: str) -> None:
    resolved = resolve_hashes(" ".join(items), task_id)
    assert not has_hash(resolved)
    assert resolved == resolve_hashes(" ".join(items), task_id)
    parse(resolved)


def test_what_leaves_some_tasks_no_date_is_refused_for_these_only() -> None:
    schedule = {"cron": "0 0 30 H *"}
    refused = list[str]()
    for task in TASKS:
        try:
            parse_task({"id": task, "schedule": schedule})
        except InvalidInput as error:
            refused += [error.errors[0].pointer, error.errors[0].message]
    assert len(refused) // 2 == chosen("0 0 30 H *", 3)["2"]
    assert refused[0] == "/schedule"
    assert re.match(r"for the task 'task-\d+': no date ever matches day-of-month 30, month 2", refused[1])


def test_a_schedule_keeps_its_h_until_a_task_is_known() -> None:
    schedule: Schedule = TypeAdapter[Schedule](Schedule).validate_python(
        {"any": [{"cron": "H H * * *"}, {"every": "PT5M", "anchor": "2026-01-01T00:00:00Z"}]}
    )
    assert schedule.has_hash
    with pytest.raises(ValueError, match="depends on the task's id"):
        schedule.next_after(0)
    resolved = for_task(schedule, "nightly")
    assert not resolved.has_hash
    assert resolved.parts[0].model_dump()["cron"] == "21 13 * * *"
    assert for_task(resolved, "other") is resolved
