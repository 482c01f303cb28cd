"""Lists of runs by what few of them have are read from an index."""

import httpx
import pytest

from tasker_api.testing.running_api import RunningApi


@pytest.mark.parametrize(
    "query", [{"lane": "background"}, {"kind": "manual"}, {"kind": "backfill"}, {"state": "failed"}]
)
async def test_what_few_runs_have_is_found_without_reading_the_others(
    api: RunningApi, client: httpx.AsyncClient, query: dict[str, str]
) -> None:
    for number in range(60):
        await api.documents.run(f"r{number:03}")
    await api.documents.run("rare", **query)
    await api.mongo.database.command("profile", 2)
    found = await client.get("/runs", params=query)
    await api.mongo.database.command("profile", 0)
    assert [run["id"] for run in found.json()["items"]] == ["rare"]
    [read] = await api.mongo.database["system.profile"].find({"command.find": "runs"}).to_list(None)
    assert read["docsExamined"] == 1, read["planSummary"]
