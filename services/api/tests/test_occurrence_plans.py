"""A page of occurrences reads few documents, each by an index, however many runs and revisions the task has."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from tasker_api.testing.document_writer import NOON
from tasker_api.testing.running_api import RunningApi
from tasker_core.ids import run_id
from tasker_core.time.instant import rfc3339, to_ms

RUNS = 3_000
LIMIT = 50
FEW = {"runs": 2 * LIMIT + 2, "missed": 500, "revisions": 1_600}
"""How many documents of each collection a page may read, whatever the task has."""


@pytest_asyncio.fixture(loop_scope="session")
async def reading_api(database: str) -> AsyncIterator[RunningApi]:
    """An API on a database with a task that runs every minute, its runs, and as many of another one."""
    running = RunningApi("127.0.0.1:1", "none", database)
    documents = running.documents
    await documents.indexes()
    schedule = '{"id":"a","name":"A","schedule":{"cron":"* * * * *","timezone":"UTC"},"timeout":"PT1M"}'
    begun = NOON - timedelta(days=9)
    await documents.revision("a", 1, effective_from=begun, since=begun, task_json=schedule)
    await documents.run(run_id("a", 1, "scheduled", to_ms(NOON) // 1000))
    stored: dict[str, Any] = await documents.database["runs"].find_one()
    runs: list[dict[str, Any]] = []
    for task_id in ("a", "b"):
        for minute in range(1, RUNS):
            at = NOON - timedelta(minutes=minute)
            name = run_id(task_id, 1, "scheduled", to_ms(at) // 1000)
            runs.append({**stored, "_id": name, "task_id": task_id, "nominal_at": at, "effective_at": at})
    await documents.database["runs"].insert_many(runs)
    yield running
    await running.close()


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_a_page_reads_few_documents_by_indexes(reading_api: RunningApi, order: str) -> None:
    database = reading_api.documents.database
    await database.command({"profile": 2})
    bounds = {"from": rfc3339(to_ms(NOON - timedelta(days=1))), "to": rfc3339(to_ms(NOON))}
    async with reading_api.client() as client:
        answer = await client.get("/tasks/a/occurrences", params={**bounds, "order": order, "limit": LIMIT})
    await database.command({"profile": 0})
    assert {item["status"] for item in answer.json()["items"]} == {"ran"}, answer.text[:600]
    read = await database["system.profile"].find({"op": {"$in": ["query", "command"]}}).to_list(None)
    of = {name: [one for one in read if one["ns"].endswith(f".{name}") and "planSummary" in one] for name in FEW}
    await database["system.profile"].drop()
    for name, some in of.items():
        assert some, f"{name} is read"
        assert not [one["planSummary"] for one in some if "COLLSCAN" in one["planSummary"]], name
        assert sum(one.get("docsExamined", 0) for one in some) <= FEW[name], name
