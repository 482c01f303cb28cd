"""Cancel and rerun: the event that is published, and what is refused before."""

import asyncio
from typing import Any

import httpx
import pytest

from tasker_api.testing.document_writer import NOON
from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi

RUN = "0123456789abcdef0123456789abcdef"
NO_SUCH_TASK = [{"pointer": "/task_id", "message": "no such task"}]
TASKLESS: dict[str, Any] = {"verdict": "accepted", "generation": None, "version": None}
"""The verdict on a cancel while there is no task."""


async def test_all_unfinished_runs_of_a_task_are_cancelled(client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    answer, event = await asyncio.gather(client.post("/tasks/a/cancel"), ticker.decide(verdict="accepted"))
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"event_id": event["id"], "task_id": "a", "run_id": None}
    assert (event["type"], event["task_id"], "run_id" in event) == ("cancel", "a", False)


async def test_a_cancel_means_the_runs_of_a_deleted_task_too(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.task("a", deleted=True)
    await api.documents.run(RUN, state="running")
    for path in ("/tasks/a/cancel", f"/runs/{RUN}/cancel", f"/runs/{RUN[::-1]}/cancel?task_id=a"):
        answer, event = await asyncio.gather(client.post(path), ticker.decide(**TASKLESS))
        assert (answer.status_code, event["type"], event["task_id"]) == (200, "cancel", "a"), answer.text


async def test_a_cancel_of_what_never_existed_is_not_found(client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    for path in ("/tasks/unknown/cancel", f"/runs/{RUN}/cancel?task_id=unknown"):
        answer, _ = await asyncio.gather(client.post(path), ticker.decide(**TASKLESS))
        assert (answer.status_code, "'unknown' is not there" in answer.json()["detail"]) == (404, True), answer.text


@pytest.mark.parametrize("state", ["running", "retrying"])
async def test_an_unfinished_run_is_cancelled(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker, state: str
) -> None:
    await api.documents.run(RUN, state=state)
    answer, event = await asyncio.gather(client.post(f"/runs/{RUN}/cancel"), ticker.decide(verdict="accepted"))
    assert answer.json() == {"event_id": event["id"], "task_id": "a", "run_id": RUN}
    assert (event["type"], event["run_id"]) == ("cancel", RUN)


async def test_a_cancel_without_a_verdict_says_where_to_look(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.run(RUN, state="running")
    answer = await client.post(f"/runs/{RUN}/cancel", headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.headers["Location"]) == (202, "/api/v1/journal/k")


async def test_what_has_ended_is_not_cancelled(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.run(RUN, state="skipped")
    answer = await client.post(f"/runs/{RUN}/cancel")
    assert (answer.status_code, "it was skipped" in answer.json()["detail"]) == (409, True)


async def test_a_run_that_is_not_logged_yet_is_cancelled_by_its_task(
    client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    answer = await client.post(f"/runs/{RUN}/cancel")
    assert (answer.status_code, "task_id" in answer.json()["detail"]) == (404, True)
    asking = client.post(f"/runs/{RUN}/cancel", params={"task_id": "a"})
    answer, event = await asyncio.gather(asking, ticker.decide(verdict="accepted"))
    assert (answer.status_code, event["run_id"]) == (200, RUN)


@pytest.mark.parametrize(
    ("body", "payload", "note"),
    [
        (None, {"n": 12345678901234567890123}, f"rerun of {RUN}"),
        ({"note": "by hand"}, {"n": 12345678901234567890123}, f"rerun of {RUN}: by hand"),
        ({"payload": None}, None, f"rerun of {RUN}"),
        ({"payload": [1]}, [1], f"rerun of {RUN}"),
    ],
)
async def test_a_run_again_has_the_payload_that_it_had_unless_another_is_given(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker, body: Any, payload: Any, note: str
) -> None:
    await api.documents.run(RUN, state="failed", payload_json='{"n": 12345678901234567890123}')
    answer, event = await asyncio.gather(client.post(f"/runs/{RUN}/rerun", json=body), ticker.decide(run_id="new"))
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"event_id": event["id"], "task_id": "a", "run_id": "new"}
    assert (event["type"], event["payload"], event["note"]) == ("trigger", payload, note)


async def test_a_rerun_is_refused_with_the_way_out(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.run(RUN, state="retrying")
    going = await client.post(f"/runs/{RUN}/rerun")
    assert (going.status_code, "still retrying" in going.json()["detail"]) == (409, True)
    assert (await client.post("/runs/unknown/rerun")).status_code == 404
    await api.documents.run("done")
    asking = client.post("/runs/done/rerun")
    response, _ = await asyncio.gather(asking, ticker.decide(verdict="rejected", errors=NO_SUCH_TASK))
    assert (response.status_code, "create the task again" in response.json()["detail"]) == (409, True)
    wrong = await client.post("/runs/done/rerun", json={"payload": 1, "extra": 2})
    assert wrong.json()["errors"][0]["pointer"] == "/extra"


async def test_a_payload_that_the_handler_refuses_is_rejected_early(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("a", handler="curl", payload_json='"https://example.com"')
    await api.documents.run(RUN, handler="curl", payload_json='"https://example.com"')
    for path in (f"/runs/{RUN}/rerun", "/tasks/a/trigger"):
        answer = await client.post(path, json={"payload": "nowhere"})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/payload"), path


async def test_other_fields_for_templates_are_checked_within_the_task_s_call(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.task("a", handler="http", payload_json='{"url":"https://a.example/{{ payload.x }}"}')
    wrong = await client.post("/tasks/a/trigger", json={"payload": {"data": 7}})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/payload/data")
    asking = client.post("/tasks/a/trigger", json={"payload": {"data": {"x": 1}}})
    answer, event = await asyncio.gather(asking, ticker.decide(run_id="new"))
    assert (answer.status_code, event["payload"]) == (200, {"data": {"x": 1}})


async def test_a_retrying_run_says_until_when(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.run(RUN, state="retrying", retry_at=NOON)
    await api.documents.run("old")
    await api.documents.database["runs"].update_one({"_id": "old"}, {"$unset": {"retry_at": 1}})
    assert (await client.get(f"/runs/{RUN}")).json()["retry_at"] == "2026-01-01T12:00:00.000Z"
    items = {item["id"]: item for item in (await client.get("/runs")).json()["items"]}
    assert (items[RUN]["retry_at"], items["old"]["retry_at"]) == ("2026-01-01T12:00:00.000Z", None)
