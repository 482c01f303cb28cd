"""What an entry of a file of tasks would change."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_api.change_sets.import_plan import PlanDigest, PlannedTask, planned
from tasker_api.change_sets.imports import PlannedImport
from tasker_api.conversion.many_tasks.task_exports import exported_definition
from tasker_core.documents.tasks import TaskDocument
from tasker_core.handlers.built_in import payload_errors
from tasker_core.task_files.entries import FaultyEntry, ImportedTask

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOW = 1_767_268_800
HOURLY = {"every": "PT1H"}


def stored(**changes: Any) -> TaskDocument:
    found = {
        "_id": "report",
        "name": "report",
        "description": "",
        "tags": ["finance"],
        "handler": "default",
        "timeout": "PT1M",
        "schedule_json": '{"every":"PT1H","anchor":"2026-01-01T00:00:00Z"}',
        "payload_json": "null",
        "state": "active",
        "version": 7,
        "generation": 3,
        "created_at": NOON,
        "updated_at": NOON,
        "next_at": None,
        "last_run": None,
    }
    return cast("TaskDocument", found | changes)


def plan(current: TaskDocument | None = None, **definition: Any) -> PlannedTask:
    entry = ImportedTask("report", {"id": "report", "schedule": HOURLY, "tags": ["finance"]} | definition, 12)
    return planned(entry, current, payload_errors, NOW)


def test_a_task_that_is_not_there_is_created_and_must_not_be_there_then() -> None:
    found = plan()
    assert (found.action, found.version, found.line, list(found.changes)) == ("create", 0, 12, [])
    assert found.definition is not None


def test_what_a_file_leaves_out_is_as_it_was() -> None:
    """When an interval counts from, and whether the task is paused."""
    assert plan(stored()).action == "same"
    assert plan(stored(state="paused")).action == "same"
    assert plan(stored(), name="report", timeout=60, description="").action == "same"
    assert plan(stored(), schedule={"every": "PT60M"}).action == "same"


@pytest.mark.parametrize("state", ["active", "paused"])
def test_what_is_exported_is_the_same(state: str) -> None:
    task = stored(state=state, payload_json='{"n":[1,null]}', retry_json='{"max_attempts":3,"initial":"PT1S"}')
    assert plan(task, **exported_definition(task)).action == "same"


def test_a_change_is_told_field_by_field_and_is_for_the_version_that_stands() -> None:
    found = plan(stored(), tags=["finance", "new"], paused=True, schedule={"every": "PT2H"})
    assert (found.action, found.version) == ("change", 7)
    changes = {change.pointer: (change.before, change.after) for change in found.changes}
    assert changes["/paused"] == (False, True)
    assert changes["/tags"] == (["finance"], ["finance", "new"])
    assert changes["/schedule/every"] == ("PT1H", "PT2H")


def test_what_is_invalid_is_told_with_its_place() -> None:
    found = plan(stored(), schedule={"cron": "99 * * * *"}, colour="red")
    assert found.action == "invalid"
    assert {error.pointer for error in found.errors} == {"/schedule/cron", "/colour"}
    faulty = planned(FaultyEntry(3, "has no id", is_end=True), None, payload_errors, NOW)
    assert (faulty.action, faulty.line, faulty.is_end, faulty.errors[0].message) == ("invalid", 3, True, "has no id")
    canary = ImportedTask("tasker-canary-1", {"id": "tasker-canary-1", "schedule": HOURLY}, 1)
    assert planned(canary, None, payload_errors, NOW).errors[0].pointer == "/id"


def digest(*found: PlannedTask) -> str:
    names = PlanDigest()
    for one in found:
        names.add(one)
    return names.text()


def test_another_file_or_another_version_is_another_plan() -> None:
    same = digest(plan(stored(), name="A"))
    assert same == digest(plan(stored(), name="A"))
    assert same != digest(plan(stored(), name="B"))
    assert same != digest(plan(stored(version=8), name="A"))
    assert same != digest(plan(None, name="A"))


@given(st.lists(st.sampled_from(["create", "change", "same", "invalid"]), max_size=900), st.integers(0, 5))
def test_a_planned_import_has_each_task_once_wherever_it_goes_on(actions: list[Any], at: int) -> None:
    source = PlannedImport(None)
    tasks = [
        PlannedTask(f"t{n}", n, action, definition={"id": f"t{n}"} if action in ("create", "change") else None)
        for n, action in enumerate(actions)
    ]
    source.add(tasks, {"t1": 7} if at % 2 else None)

    async def read(after: str | None) -> list[Any]:
        return [portion async for portion in source.portions(after)]

    portions = asyncio.run(read(None))
    items = [item for p in portions for item in p.items]
    seen = [*(one for p in portions for one in p.unchanged), *(item.task_id for item in items)]
    assert sorted(seen) == sorted(one.task_id for one in tasks if one.action != "invalid" and one.task_id)
    assert {item.if_version for item in items if item.task_id == "t1"} <= {7 if at % 2 else 0}
    if at < len(portions):
        assert asyncio.run(read(portions[at].after)) == portions[at + 1 :]
    assert asyncio.run(read("another:17")) == portions
    source.close()
