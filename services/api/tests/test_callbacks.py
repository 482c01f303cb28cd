"""Reports by callback: the first one counts, a repetition gets its answer again, and a wrong token learns nothing."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from tasker_api.settings import ApiSettings
from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import CALLBACK_SECRET, RunningApi
from tasker_core.handlers.callback_token import CallbackClaims, callback_token
from tasker_runtime.clock import SystemClock

RUN = "0123456789abcdef0123456789abcdef"
FAR = SystemClock().now_ms() // 1000 + 3600
OVER = FAR - 7200


def path(attempt: int = 1, deadline: int = FAR, secret: str = CALLBACK_SECRET) -> str:
    return "/callbacks/" + callback_token(CallbackClaims("a", RUN, attempt, deadline), secret)


async def reported(
    client: httpx.AsyncClient, ticker: FakeTicker, verdict: dict[str, Any], body: object = None, **options: Any
) -> tuple[httpx.Response, dict[str, Any]]:
    content: dict[str, Any] = {} if body is None else {"json": body}
    return await asyncio.gather(client.post(path(**options), **content), ticker.decide(**verdict))


ACCEPTED = {"verdict": "accepted"}


async def test_a_report_becomes_an_event_and_is_answered(client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    body = {"outcome": "failed", "result": {"rows": 7}, "error": {"message": "disk full"}}
    answer, event = await reported(client, ticker, ACCEPTED, body, attempt=2)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"task_id": "a", "run_id": RUN, "attempt": 2, "outcome": "failed"}
    del event["digest"]
    assert event == {
        "type": "report",
        "id": f"report-{RUN}-2",
        "channel": "rest",
        "actor": "callback",
        "task_id": "a",
        "run_id": RUN,
        "attempt": 2,
        **body,
    }


async def test_without_a_body_it_has_succeeded(client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    answer, event = await reported(client, ticker, ACCEPTED)
    assert (answer.status_code, answer.json()["outcome"]) == (200, "succeeded")
    assert event.keys() & {"outcome", "result", "error"} == set()


async def test_a_repetition_gets_the_same_answer_and_another_report_a_conflict(
    client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    first, _ = await reported(client, ticker, ACCEPTED, {"result": 1})
    for deadline in (FAR, OVER):  # also after the deadline: it was in time, and its sender may not know
        again = await client.post(path(deadline=deadline), json={"result": 1})
        assert (again.status_code, again.json()) == (200, first.json())
        other = await client.post(path(deadline=deadline), json={"result": 2})
        assert (other.status_code, "another report" in other.json()["detail"]) == (409, True)


async def test_nobody_takes_its_id_from_it(api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    """Its id can be told from the run; whoever has that as a key for a task of their own blocks nothing."""
    await api.documents.task("own")
    key = {"Idempotency-Key": f"report-{RUN}-3"}
    taken, _ = await asyncio.gather(client.post("/tasks/own/pause", headers=key), ticker.decide())
    assert taken.status_code == 202
    await api.documents.verdict("own", f"report-{RUN}-3", event_type="pause", digest="d")
    answer, _ = await reported(client, ticker, ACCEPTED, attempt=3)
    assert answer.status_code == 200, answer.text


async def test_of_two_at_once_one_counts(api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    """The ticker supersedes the second one; the journal keeps the first verdict on an event."""

    async def decide() -> None:
        await ticker.decide(verdict="accepted", digest=None)

    answers = await asyncio.gather(client.post(path()), client.post(path()), decide())
    assert [answer.status_code for answer in answers[:2] if answer is not None] == [200, 200]


@pytest.mark.parametrize(
    "verdict",
    [
        {"verdict": "superseded"},
        {"verdict": "rejected", "errors": [{"pointer": "/task_id", "message": "no such task"}]},
        {"verdict": "rejected", "errors": [{"pointer": "/run_id", "message": "is a run of another task"}]},
    ],
)
async def test_what_comes_too_late_is_gone(
    client: httpx.AsyncClient, ticker: FakeTicker, verdict: dict[str, Any]
) -> None:
    answer, _ = await reported(client, ticker, verdict)
    assert (answer.status_code, "nobody waits" in answer.json()["detail"]) == (410, True)
    again = await client.post(path())
    assert again.status_code == 410


async def test_after_its_deadline_nothing_is_published(client: httpx.AsyncClient) -> None:
    answer = await client.post(path(deadline=OVER))
    assert (answer.status_code, "timeout" in answer.json()["detail"]) == (410, True)


async def test_a_report_without_a_verdict_is_taken(client: httpx.AsyncClient) -> None:
    answer = await client.post(path())
    assert (answer.status_code, answer.headers["Location"]) == (202, f"/api/v1/journal/report-{RUN}-1")


async def test_all_wrong_tokens_get_one_answer(lone_client: httpx.AsyncClient) -> None:
    good = path()
    wrong = [good[:-1] + ("A" if good[-1] != "A" else "B"), path(secret="x" * 40), "/callbacks/v1.AAAA", "/callbacks/x"]
    wrong += [path(deadline=OVER, secret="x" * 40), "/callbacks/" + "y" * 5000, "/callbacks/v2" + good[13:]]
    answers = [await lone_client.post(one, json={"outcome": "whatever"}) for one in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"outcome": "skipped"}, "/outcome"),
        ({"error": {"message": "m"}}, ""),
        ({"outcome": "failed", "error": {}}, "/error/message"),
        ({"status": "ok"}, "/status"),
        ({"result": "x" * 70_000}, "/result"),
    ],
)
async def test_what_is_wrong_is_named(lone_client: httpx.AsyncClient, body: object, pointer: str) -> None:
    answer = await lone_client.post(path(), json=body)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])


async def test_bodies_that_are_no_json_are_refused(lone_client: httpx.AsyncClient) -> None:
    form = await lone_client.post(path(), data={"outcome": "failed"})
    large = await lone_client.post(path(), json={"result": "x" * 600_000})
    broken = await lone_client.post(path(), content=b"{", headers={"Content-Type": "application/json"})
    assert [form.status_code, large.status_code, broken.status_code] == [415, 413, 400]


async def test_pages_and_unknown_names_may_not_call_it(lone_client: httpx.AsyncClient) -> None:
    page = await lone_client.post(path(), headers={"Origin": "https://evil.example.com"})
    name = await lone_client.post(path(), headers={"Host": "evil.example.com"})
    assert (page.status_code, name.status_code) == (403, 421)


async def test_without_a_secret_it_says_what_to_set(alone: RunningApi) -> None:
    unset = RunningApi("127.0.0.1:1", "none", "mongodb://127.0.0.1:1/none", callback_secret=None)
    async with unset.client() as client:
        answer = await client.post(path())
    await unset.close()
    assert (answer.status_code, "TASKER_CALLBACK_SECRET" in answer.json()["detail"]) == (503, True)


def test_the_secret_is_in_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKER_CALLBACK_SECRET", f"{'k' * 32}, {'o' * 32}")
    assert ApiSettings().callback_secrets == ("k" * 32, "o" * 32)
    monkeypatch.setenv("TASKER_CALLBACK_SECRET", "hunter2")
    with pytest.raises(ValueError, match="32 characters") as caught:
        ApiSettings()
    assert "hunter2" not in str(caught.value)


async def test_a_wrong_token_is_refused_before_its_body_is_read(lone_client: httpx.AsyncClient) -> None:
    read = list[bytes]()

    async def body() -> AsyncGenerator[bytes]:
        for _ in range(4):
            read.append(b" " * 1024)
            yield read[-1]

    headers = {"content-type": "application/json"}
    answer = await lone_client.post(path(secret="x" * 40), content=body(), headers=headers)
    assert (answer.status_code, read) == (404, [])
    assert (await lone_client.post(path(), content=b"{", headers=headers)).status_code == 400
