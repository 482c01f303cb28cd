"""What is told of the promise and of a task's runs, in numbers and in words."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tasker_api.testing.document_writer import NOON
from tasker_api.testing.running_api import RunningApi
from tasker_core.statistics.first_attempt import FirstAttempt
from tasker_core.statistics.run_statistics import RunStatistics
from tasker_core.statistics.time_units import units_of
from tasker_core.time.instant import from_ms, to_ms
from tasker_runtime.clock import utc_now

Json = dict[str, Any]
THEN = utc_now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
MS = timedelta(milliseconds=1)


def attempt(due: datetime, *, delivery: int = 20) -> tuple[FirstAttempt, int]:
    """One that was late by its delivery, 10 ms in a slot, and logged after 30 ms."""
    return FirstAttempt(to_ms(due), "curl", 3, False, 0, delivery, 0, 10), to_ms(due) + delivery + 40


async def count(api: RunningApi, due: datetime, of: str, found: RunStatistics) -> None:
    """Add what is counted of a minute to it, its hour and its day."""
    for unit in units_of(to_ms(due) // 60_000):
        identity = unit.document_id(of)
        about = {"resolution": unit.resolution, "at": from_ms(unit.start * 60_000), "of": of}
        if await api.mongo.database["stats"].find_one({"_id": identity}) is None:
            await api.mongo.database["stats"].insert_one({"_id": identity, **about, **found.content()})


async def promise(client: httpx.AsyncClient, **query: str | int) -> Json:
    answer = await client.get("/stats/promise", params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def minutes(*attempts: tuple[FirstAttempt, int], **more: Any) -> RunStatistics:
    found = RunStatistics(**more)
    found.add_attempts(attempts)
    return found


async def test_the_promise_of_a_window(api: RunningApi, client: httpx.AsyncClient) -> None:
    late = attempt(THEN + timedelta(minutes=3), delivery=19_960)
    first = minutes(*[attempt(THEN)] * 98, outcomes={"succeeded": 98, "failed": 2})
    await count(api, THEN + timedelta(hours=1), "all", first)
    await count(api, THEN + timedelta(hours=2, minutes=3), "all", minutes(late, late, missed={"paused": 1}))
    found = await promise(
        client, **{"from": (THEN + timedelta(minutes=30)).isoformat(), "to": (THEN + timedelta(hours=5)).isoformat()}
    )
    assert (found["promised"], found["kept"], found["share"]) == (100, 98, 0.98)
    assert found["broken"] == {"delivery": 2}
    near = {"p50_ms": pytest.approx(50, rel=0.05), "p99_ms": pytest.approx(19_990, rel=0.05)}
    assert found["lateness"] == {**near, "worst_ms": 19_990}
    assert found["slowest_stage"]["stage"] == "delivery"
    assert found["text"] == (
        "98 % of 100 scheduled runs were executed and logged within 10 s of when they were due; 2 came later, the last "
        "of them after 20.0 s. All of these lost most of that time between the ticker and an executor (none was there, "
        "or all were busy). Beside these, 1 range of occurrences did not run at all (1 paused)."
    )
    assert found["bucket"] == "PT5M"
    assert len(found["buckets"]) == 54
    counted = {one["at"]: (one["promised"], one["kept"], one["outcomes"]["failed"]) for one in found["buckets"]}
    assert {at: some for at, some in counted.items() if some[0]} == {
        f"{(THEN + timedelta(hours=1)):%Y-%m-%dT%H:%M}:00.000Z": (98, 98, 2),
        f"{(THEN + timedelta(hours=2)):%Y-%m-%dT%H:%M}:00.000Z": (2, 0, 0),
    }


async def test_by_handler_and_by_partition(api: RunningApi, client: httpx.AsyncClient) -> None:
    await count(api, THEN, "handler/a/b", minutes(attempt(THEN), missed={}))
    await count(api, THEN, "partition/3", minutes(attempt(THEN), attempt(THEN), missed={"changed": 2}))
    window = {"from": THEN.isoformat(), "to": (THEN + timedelta(days=1)).isoformat()}
    of_handler, of_partition = (
        await promise(client, handler="a/b", **window),
        await promise(client, partition=3, **window),
    )
    assert (of_handler["promised"], of_handler["missed"]) == (1, None)
    assert (of_partition["promised"], of_partition["missed"]) == (2, {"changed": 2})
    nobody, nowhere = await promise(client, handler="none", **window), await promise(client, partition=99, **window)
    assert (nobody["promised"], nowhere["promised"]) == (0, 0)
    assert nobody["notes"] == ["no run of the handler 'none' was counted then; GET /handlers tells which there are"]
    assert nowhere["notes"] == ["no run of partition 99 was counted then; GET /system tells which there are"]


async def test_nothing_counted_is_said(client: httpx.AsyncClient, api: RunningApi) -> None:
    found = await promise(client)
    assert found["text"] == "No scheduled run that was due then has ended."
    assert (found["share"], found["lateness"], found["slowest_stage"], found["stages"]) == (None, None, None, {})


async def test_of_a_task_the_newest_runs_are_looked_at(
    api: RunningApi, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasker_api.queries.statistics.MAX_RUNS", 3)
    await api.documents.task("t", last_outcome="failed", failures=2)
    for n in range(5):
        due = THEN + timedelta(minutes=n)
        times = dict.fromkeys(("emitted_at", "received_at", "started_at"), due + 100 * MS)
        more: Json = {"finished_at": due + 300 * MS, "logged_at": due + 400 * MS, **times}
        if n >= 3:
            more |= {"state": "failed", "error": {"kind": "timeout", "message": f"no answer {n}"}}
        if n == 4:
            more |= {"logged_at": due + 12_000 * MS}
        await api.documents.run(f"r{n}", task_id="t", nominal_at=due, effective_at=due, **more)
    await api.documents.missed("t", THEN, THEN + timedelta(minutes=1))
    window = {"from": THEN.isoformat(), "to": (THEN + timedelta(hours=1)).isoformat()}
    found = await promise(client, task="t", **window)
    assert (found["promised"], found["kept"], found["broken"]) == (3, 2, {"logging": 1})
    assert found["looked_at"] == {
        "runs": 3,
        "since": f"{THEN + timedelta(minutes=2):%Y-%m-%dT%H:%M}:00.000Z",
        "complete": False,
    }
    assert found["missed"] == {"coalesced": 1}
    assert [one["promised"] for one in found["buckets"]][:6] == [0, 0, 1, 1, 1, 0]
    stats: Json = (await client.get("/tasks/t/stats")).json()
    assert stats["success_rate"] == pytest.approx(1 / 3)
    assert stats["duration"] == {"p50_ms": 200, "p99_ms": 200, "worst_ms": 200}
    assert [one["run_id"] for one in stats["last_failures"]] == ["r4", "r3"]
    assert stats["last_failures"][0]["error"] == {"kind": "timeout", "message": "no answer 4"}
    assert stats["streak"] == {"last_outcome": "failed", "failures": 2}
    assert stats["text"].startswith("Of the newest 3 runs in the log 33.33 % succeeded. 66.66 % of 3 scheduled runs")


@pytest.mark.parametrize(
    ("states", "text"),
    [
        (["failed"], "The one run in the log failed."),
        (["cancelled"], "The one run in the log has neither succeeded nor failed."),
        (["succeeded", "succeeded"], "Of all 2 runs in the log 100 % succeeded."),
        (["cancelled", "running"], "Of all 2 runs in the log none has succeeded or failed."),
        (
            ["succeeded", "failed", "cancelled"],
            "Of all 3 runs in the log 2 succeeded or failed, and 50 % of these succeeded.",
        ),
    ],
)
async def test_how_runs_went_is_said(api: RunningApi, client: httpx.AsyncClient, states: list[str], text: str) -> None:
    for n, state in enumerate(states):
        await api.documents.run(f"r{n}", task_id="t", state=state, effective_at=THEN + timedelta(minutes=n))
    assert (await client.get("/tasks/t/stats")).json()["text"].startswith(text)


async def test_a_run_that_was_tried_again_is_measured_by_its_first_attempt(
    api: RunningApi, client: httpx.AsyncClient
) -> None:
    first: Json = dict.fromkeys(("emitted_at", "received_at", "started_at", "finished_at"), NOON)
    late = dict.fromkeys(("emitted_at", "received_at", "started_at", "finished_at", "logged_at"), NOON + timedelta(1))
    first |= {"lane": "live", "logged_at": NOON + 70 * MS}
    await api.documents.run("r", task_id="t", attempt=2, lane="background", first_attempt=first, **late)
    found: Json = (await client.get("/tasks/t/stats")).json()
    assert (found["promised"], found["kept"], found["lateness"]["worst_ms"], found["streak"]) == (1, 1, 70, None)


async def test_a_task_that_is_not_there_has_none(client: httpx.AsyncClient, api: RunningApi) -> None:
    assert (await client.get("/tasks/none/stats")).status_code == 404
    assert (await client.get("/stats/promise", params={"task": "none"})).status_code == 404
    await api.documents.run("r", task_id="deleted", effective_at=NOON)
    window = {"from": (NOON + timedelta(1)).isoformat(), "to": (NOON + timedelta(2)).isoformat()}
    found = await client.get("/stats/promise", params={"task": "deleted", **window})
    assert (found.status_code, found.json()["promised"]) == (200, 0)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"task": "t", "handler": "curl"}, "/query/handler"),
        ({"handler": "curl", "partition": "1"}, "/query/partition"),
        ({"task": "no task"}, "/query/task"),
        ({"partition": "-1"}, "/query/partition"),
        ({"bucket": "P1M"}, "/query/bucket"),
        ({"bucket": "PT7M"}, "/query/bucket"),
        ({"from": "yesterday"}, "/query/from"),
        ({"to": "0001-01-01T00:00:00Z"}, "/query/to"),
        ({"tasks": "t"}, "/query/tasks"),
    ],
)
async def test_wrong_questions_are_refused_with_the_field(
    lone_client: httpx.AsyncClient, query: Json, pointer: str
) -> None:
    answer = await lone_client.get("/stats/promise", params=query)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
