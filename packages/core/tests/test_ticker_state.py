"""The ticker's memory: what is written is what is read, and a task needs no pydantic to be read."""

import json
from typing import Any

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Run
from tasker_core.schedules.schedule import from_json
from tasker_core.task import Task, parse_task
from tasker_core.ticker_state import (
    AcceptedMisfire,
    AcceptedTask,
    BackfillState,
    FailureStreak,
    Pause,
    PendingAttempt,
    RunMemory,
    StateRecord,
    TaskState,
    TaskTombstone,
    accepted_task,
    decode_state_record,
)

AT = "2026-01-01T12:00:00.000Z"
RUN = Run(
    run_id="r",
    task_id="t",
    task_name="T",
    generation=1,
    version=2,
    nominal_at=AT,
    effective_at=AT,
    emitted_at=AT,
    payload=Raw(b'{"a": [1, 2.50]}'),
)
FULL: dict[str, Any] = {
    "id": "daily",
    "name": "Daily",
    "description": "Every day.",
    "tags": ["a", "b"],
    "schedule": {"cron": "@daily", "exclude": ["2026-12-25"], "spread": "PT5M"},
    "handler": "curl",
    "payload": "https://example.com",
    "timeout": "PT5S",
    "max_consecutive_failures": 5,
    "misfire": {"policy": "all", "max": 7},
    "paused": True,
}
BARE: dict[str, Any] = {"id": "bare", "schedule": {"at": "2026-12-24T18:00Z"}}
STATES = [
    TaskState(generation=1, version=2, task=accepted_task(parse_task(FULL)), since=5, recent=("e", "f"), finished_at=9),
    TaskState(
        generation=1,
        version=2,
        task=accepted_task(parse_task(BARE)),
        since=5,
        after_nominal=4,
        runs_done=3,
        changed=AppendPosition(1, 2, 3),
        cancelled_ms=4,
        foreign=True,
    ),
    TaskState(
        generation=1,
        version=2,
        task=replace(accepted_task(parse_task(FULL)), pause=Pause(at=AT, by="tasker", note="why")),
        since=5,
        streak=FailureStreak(since=2, after=(7, "r"), failed=((8, "s"), (8, "t"))),
    ),
    TaskTombstone(deleted=AppendPosition(1, 2, 3), at=5),
    RunMemory(task_id="t", attempt=2, pending=PendingAttempt(RUN, 3, 77), changed_at=5),
    RunMemory(task_id="t", cancelled=True, changed_at=5),
    BackfillState(task_id="t", generation=1, rate=60, cursor=5, end=9),
    BackfillState(task_id="t", generation=1, rate=60, times=(5, 6)),
]


@pytest.mark.parametrize("state", STATES, ids=lambda s: type(s).__name__)
def test_what_is_written_is_what_is_read(state: StateRecord) -> None:
    assert decode_state_record(encode(state)) == state


@pytest.mark.parametrize("given", [FULL, BARE])
def test_an_accepted_task_is_the_json_that_pydantic_writes(given: dict[str, Any]) -> None:
    task = parse_task(given)
    written = encode(accepted_task(task))
    expected = task.model_dump(mode="json", exclude_none=True) | {"payload": task.payload, "paused": bool(task.paused)}
    assert json.loads(written) == expected
    assert encode(msgspec.json.decode(written, type=AcceptedTask)) == written
    assert Task.model_validate_json(written) == task.model_copy(update={"paused": bool(task.paused)})
    assert from_json(bytes(accepted_task(task).schedule)) == task.schedule


def test_lateness_has_defaults() -> None:
    assert accepted_task(parse_task(BARE)).misfire_options == AcceptedMisfire()
    assert accepted_task(parse_task(FULL)).misfire_options == AcceptedMisfire(policy="all", grace="PT1M", max=7)
    default = parse_task(BARE | {"misfire": {"policy": "latest", "grace": 60}})
    assert "misfire" not in json.loads(encode(accepted_task(default)))


def test_tasks_that_share_a_schedule_share_its_text() -> None:
    one, other = (accepted_task(parse_task(FULL | {"id": name, "payload": "https://example.org"})) for name in "ab")
    assert bytes(one.schedule) == bytes(other.schedule)


def test_what_earlier_versions_wrote_is_read() -> None:
    old = b'{"type":"task","generation":1,"version":2,"task":{"id":"a","name":"a","description":"","tags":[],"schedule":{"at":"2026-12-24T18:00Z"},"handler":"default","timeout":"PT1M","paused":false,"payload":null},"since":5,"recent":["e"]}'  # noqa: E501 - one record, as it is stored
    state = decode_state_record(old)
    assert isinstance(state, TaskState)
    assert (state.task.id, state.after_nominal, state.recent) == ("a", None, ("e",))


def test_failures_in_a_row_are_read_under_the_name_that_is_in_kafka() -> None:
    written = json.loads(encode(STATES[0])) | {"row": {"since": 7, "after": [8, "r"], "failed": [[9, "s"]]}}
    state = decode_state_record(json.dumps(written).encode())
    assert isinstance(state, TaskState)
    assert state.streak == FailureStreak(since=7, after=(8, "r"), failed=((9, "s"),))
    assert json.loads(encode(state)) == written


def test_a_stored_task_may_have_a_name_that_would_be_refused_now() -> None:
    odd = replace(accepted_task(parse_task(BARE)), name=" \u0000\u2028", tags=Raw(b'["\\u0007"]'))
    state = TaskState(generation=1, version=2, task=odd, since=5)
    assert decode_state_record(encode(state)) == state
