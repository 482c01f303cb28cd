"""Exports: what is in them is read back as the same tasks, in each format, while tasks come and go."""

import json
from typing import Any, get_args

import httpx
import pytest

from tasker_api.conversion.tasks import task_definition
from tasker_api.queries.task_lists.task_filter import TaskFilter
from tasker_api.queries.tasks import TaskQueries
from tasker_api.routes.many_tasks.exports import PAGE, file_pieces
from tasker_api.testing.document_writer import DocumentWriter
from tasker_api.testing.running_api import RunningApi
from tasker_core.task import parse_task
from tasker_core.task_files.entries import MEDIA_TYPES, Format, ImportedTask
from tasker_core.task_files.task_file import read_task_file

Json = dict[str, Any]
WHOLE: Json = {
    "description": "two\nlines",
    "tags": ["finance", "yes"],
    "schedule_json": json.dumps({"cron": "0 9 * * 1-5", "timezone": "Europe/Berlin", "gap": "skip", "fold": "first"}),
    "handler": "curl",
    "payload_json": '"https://example.com/report?at=100%25"',
    "timeout": "PT30S",
    "retry_json": '{"max_attempts":3,"initial":"PT10S","factor":2.0,"max":"PT1H","jitter":0.1,"max_age":"P1D"}',
    "overlap": "skip",
    "max_consecutive_failures": 3,
    "misfire_json": '{"policy":"all","grace":"PT1M","max":5}',
    "then_json": '[{"task":"next"}]',
}


def read(file: bytes, file_format: Format) -> list[Json]:
    """The definitions in a file that has nothing else."""
    entries = list(read_task_file([file], file_format))
    assert all(isinstance(one, ImportedTask) for one in entries), entries
    return [one.definition for one in entries if isinstance(one, ImportedTask)]


async def exported(client: httpx.AsyncClient, **params: Any) -> httpx.Response:
    answer = await client.get("/exports", params=params)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("file_format", get_args(Format))
async def test_what_is_exported_is_read_back_as_the_same_task(
    api: RunningApi, client: httpx.AsyncClient, file_format: Format
) -> None:
    await api.documents.task("plain", name="plain")
    await api.documents.task("whole", **WHOLE)
    await api.documents.task("payload", payload_json='{"<<": [1.5, null, {"": "2026-12-24"}]}')
    answer = await exported(client, format=file_format)
    assert MEDIA_TYPES[answer.headers["content-type"].partition(";")[0]] == file_format
    assert answer.headers["content-disposition"] == f'attachment; filename="tasks.{file_format}"'
    found = read(answer.content, file_format)
    assert [one["id"] for one in found] == ["payload", "plain", "whole"]
    for definition in found:
        document = await api.app.state.context.tasks.find(definition["id"])
        assert parse_task(definition) == parse_task(task_definition(document))
    assert found[1] == {"id": "plain", "schedule": {"cron": "*/5 * * * *", "timezone": "UTC"}, "paused": False}


async def test_paused_tasks_stay_paused_and_a_crontab_leaves_them_out(
    api: RunningApi, client: httpx.AsyncClient
) -> None:
    await api.documents.task("held", state="paused")
    await api.documents.task("often", schedule_json='{"every":"PT5M"}')
    assert [one["paused"] for one in read((await exported(client)).content, "json")] == [True, False]
    crontab = (await exported(client, format="crontab")).text
    assert "held: it is paused" in crontab
    assert "often: its schedule is no cron expression" in crontab
    assert read(crontab.encode(), "crontab") == []


async def test_filters_are_those_of_a_list(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("a", tags=["x"])
    await api.documents.task("b")
    assert [one["id"] for one in read((await exported(client, tag="x")).content, "json")] == ["a"]
    assert (await exported(client, tag="none", format="yaml")).text == "tasks: []\n"
    answer = await client.get("/exports", params={"format": "xml", "sort": "id"})
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json()["errors"]} == {"/query/sort"}


async def test_no_task_is_missed_or_repeated_while_tasks_come_and_go(api: RunningApi) -> None:
    documents: DocumentWriter = api.documents
    queries: TaskQueries = api.app.state.context.tasks
    staying = [f"s{number:05}" for number in range(PAGE + 20)]
    for task_id in staying:
        await documents.task(task_id)
    await documents.task("z-gone")
    pieces = file_pieces(queries, TaskFilter(), "ndjson")
    text = await anext(pieces)
    await documents.task("a-new")
    await documents.task("y-new")
    await documents.database["tasks"].update_one({"_id": "z-gone"}, {"$set": {"deleted": True}})
    async for piece in pieces:
        text += piece
    ids = [json.loads(line)["id"] for line in text.splitlines()]
    assert ids == [*staying, "y-new"]


async def test_where_the_database_is_away_the_answer_is_a_problem(lone_client: httpx.AsyncClient) -> None:
    answer = await lone_client.get("/exports")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
