"""The search of the execution log: by the beginning of a run's id, and by what finds its task."""

from datetime import timedelta

import httpx

from tasker_api.testing.document_writer import NOON
from tasker_api.testing.running_api import RunningApi


async def found(client: httpx.AsyncClient, **query: str) -> list[str]:
    """The ids of the runs, in the order of the answer."""
    answer = await client.get("/runs", params=query)
    assert answer.status_code == 200, answer.text
    return [run["id"] for run in answer.json()["items"]]


async def test_runs_are_found_by_parts_of_what_they_are(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("daily.report", name="Yearly figures", tags=["finance"])
    await api.documents.task("other")
    for number, task_id in enumerate(("daily.report", "other", "gone-task", "daily.report")):
        at = NOON + timedelta(minutes=number)
        await api.documents.run(f"{number}abcdef{'0' * 25}", task_id=task_id, effective_at=at, nominal_at=at)
    runs = [f"{number}abcdef{'0' * 25}" for number in range(4)]
    assert await found(client, q="1abcde") == await found(client, q="1ABCDEF0") == [runs[1]]
    assert await found(client, q="daily.r") == await found(client, q="figu") == [runs[3], runs[0]]
    assert await found(client, q="financ", state="succeeded") == [runs[3], runs[0]]
    assert await found(client, q="gone-t") == [runs[2]]
    assert await found(client, q="daily", task_id="other") == []
    assert await found(client, q="daily", task_id="daily.report", limit="1") == [runs[3]]
    assert await found(client, q="nothing-of-the-kind") == []


async def test_the_runs_of_a_few_tasks_are_merged_by_their_index(api: RunningApi, client: httpx.AsyncClient) -> None:
    for task in range(20):
        await api.documents.task(f"job-{task}")
        for number in range(20):
            at = NOON + timedelta(seconds=number)
            await api.documents.run(f"{task:02}x{number:02}", task_id=f"job-{task}", effective_at=at)
    await api.mongo.database.command("profile", 2)
    page = (await client.get("/runs", params={"q": "job", "limit": "10"})).json()
    rest = await found(client, q="job", limit="10", cursor=page["next_cursor"])
    await api.mongo.database.command("profile", 0)
    newest = sorted((f"{task:02}x19" for task in range(20)), reverse=True)
    assert [run["id"] for run in page["items"]] + rest == newest
    reads = await api.mongo.database["system.profile"].find({"command.find": "runs", "command.limit": 11}).to_list(None)
    assert [read["docsExamined"] <= 31 for read in reads] == [True] * len(reads), [one["docsExamined"] for one in reads]


async def test_what_means_too_much_is_refused_with_the_way_out(api: RunningApi, client: httpx.AsyncClient) -> None:
    for number in range(101):
        await api.documents.task(f"job-{number}")
    answer = await client.get("/runs", params={"q": "job"})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error == {
        "pointer": "/query/q",
        "message": "more than 100 tasks are found by it; give more of the id or the name",
    }


async def test_recent_runs_come_by_task_newest_first(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("a")
    await api.documents.task("b")
    for number in range(5):
        at = NOON + timedelta(minutes=number)
        state = "failed" if number == 3 else "succeeded"
        await api.documents.run(f"r{number}", task_id="a", effective_at=at, nominal_at=at, state=state)
    answer = await client.get("/recent-runs", params={"task_id": ["a", "b", "never"], "limit": 2})
    tasks = answer.json()["tasks"]
    assert [(run["id"], run["state"]) for run in tasks["a"]] == [("r4", "succeeded"), ("r3", "failed")]
    assert tasks["b"] == []
    assert "never" not in tasks
    for query in ({}, {"task_id": ["a"], "limit": 21}, {"task_id": ["not/an/id"]}):
        assert (await client.get("/recent-runs", params=query)).status_code == 422


async def test_recent_runs_are_read_by_their_index(api: RunningApi, client: httpx.AsyncClient) -> None:
    for task_id in ("a", "b"):
        await api.documents.task(task_id)
        for number in range(50):
            at = NOON + timedelta(minutes=number)
            await api.documents.run(f"{task_id}{number}", task_id=task_id, effective_at=at)
    await api.mongo.database.command("profile", 2)
    await client.get("/recent-runs", params={"task_id": ["a", "b"], "limit": 5})
    await api.mongo.database.command("profile", 0)
    reads = await api.mongo.database["system.profile"].find({"command.aggregate": "tasks"}).to_list(None)
    [read] = [one for one in reads if "docsExamined" in one]
    assert read["docsExamined"] <= 2 + 10, read
