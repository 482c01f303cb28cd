"""How many tasks are failing, late and so on; and the list of those that are late."""

from datetime import datetime, timedelta

import httpx

from tasker_api.testing.running_api import RunningApi
from tasker_core.time.instant import from_ms
from tasker_runtime.clock import SystemClock


def in_seconds(seconds: float) -> datetime:
    """By the clock of the API."""
    return from_ms(SystemClock().now_ms() + int(seconds * 1000))


async def test_tasks_are_counted_by_how_they_are(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("fine", next_at=in_seconds(60))
    await api.documents.task("just-due", next_at=in_seconds(-2), last_outcome="succeeded")
    await api.documents.task("late", next_at=in_seconds(-30), failures=3, last_outcome="failed")
    await api.documents.task("manual", next_at=None)
    await api.documents.task("paused", state="paused", next_at=in_seconds(-30), paused_by="ann")
    await api.documents.task("gave-up", state="paused", next_at=None, paused_by="tasker", failures=5)
    await api.documents.task("finished", state="finished", next_at=None)
    await api.documents.task("gone", deleted=True, state="active", failures=2, next_at=in_seconds(-30))
    counts = (await client.get("/stats/tasks")).json()
    assert {name: one["count"] for name, one in counts.items()} == {
        "active": 4,
        "paused": 2,
        "finished": 1,
        "failing": 2,
        "late": 1,
        "paused_by_failures": 1,
    }
    assert not any(one["is_more"] for one in counts.values())
    found = await client.get("/tasks", params={"late": "true", "sort": "next_at"})
    assert [task["id"] for task in found.json()["items"]] == ["late"]
    assert (await client.get("/tasks", params={"late": "true", "q": "fine"})).json()["items"] == []


async def test_a_run_that_is_spread_is_late_by_its_own_time(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("to-come", next_at=in_seconds(-300), due_at=in_seconds(300))
    await api.documents.task("just-due", next_at=in_seconds(-300), due_at=in_seconds(-2))
    await api.documents.task("late", next_at=in_seconds(-300), due_at=in_seconds(-30), tags=["a"])
    await api.documents.task("not-spread", next_at=in_seconds(-30))
    assert (await client.get("/stats/tasks")).json()["late"] == {"count": 2, "is_more": False}
    for sort in ("next_at", "name"):
        found = await client.get("/tasks", params={"late": "true", "sort": sort})
        assert [task["id"] for task in found.json()["items"]] == ["late", "not-spread"]
    [late] = (await client.get("/tasks", params={"late": "true", "tag": "a"})).json()["items"]
    assert datetime.fromisoformat(late["due_at"]) - datetime.fromisoformat(late["next_at"]) >= timedelta(seconds=269)
    plain = (await client.get("/tasks/not-spread")).json()
    assert plain["due_at"] == plain["next_at"]


async def test_the_late_are_counted_by_their_index(api: RunningApi, client: httpx.AsyncClient) -> None:
    for number in range(40):
        await api.documents.task(f"t{number}", next_at=in_seconds(60 + number))
    await api.documents.task("late", next_at=in_seconds(-30))
    await api.mongo.database.command("profile", 2)
    await client.get("/stats/tasks")
    await api.mongo.database.command("profile", 0)
    reads = await api.mongo.database["system.profile"].find({"command.aggregate": "tasks"}).to_list(None)
    assert len(reads) == 6
    assert max(read["docsExamined"] for read in reads) <= 1, [(r["planSummary"], r["docsExamined"]) for r in reads]
