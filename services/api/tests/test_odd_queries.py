"""Queries that nobody means, and cursors that no list made: answered as wrong, or with nothing, never by a fault."""

import base64
import json
from typing import Any, Final, get_args

import httpx
import pytest

from tasker_api.queries.tasks import TaskSort
from tasker_api.testing.document_writer import NOON
from tasker_api.testing.running_api import RunningApi

KEYS: Final[list[Any]] = [
    10**30,
    -(10**30),
    float("nan"),
    float("inf"),
    True,
    None,
    "\ud800",
    "\x00",
    {"t": "0001-01-01T00:00:00+14:00"},
    {"t": "9999-12-31T23:59:59-14:00"},
    {"t": "2026-01-01"},
    {"t": None},
    {"t": {"$gt": ""}},
    {"$gt": ""},
    {"t": "2026-01-01T00:00:00Z", "$ne": 1},
    ["a"],
]


def forged(order: str, *keys: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([order, *keys]).encode()).decode().rstrip("=")


@pytest.mark.parametrize("key", KEYS, ids=repr)
async def test_forged_cursors(api: RunningApi, client: httpx.AsyncClient, key: Any) -> None:
    await api.documents.task("one", next_at=NOON)
    await api.documents.task("two")
    for sort in get_args(TaskSort):
        for keys in ((key, "one"), ("one", key), (key, key)):
            answer = await client.get("/tasks", params={"sort": sort, "cursor": forged(sort, *keys)})
            assert answer.status_code in (200, 422), answer.text
    for keys in ((key, "one"), ({"t": NOON.isoformat()}, key)):
        answer = await client.get("/runs", params={"cursor": forged("runs", *keys)})
        assert answer.status_code in (200, 422), answer.text


@pytest.mark.parametrize(
    "query",
    [
        "tasks?q=%00",
        "tasks?q=%00a&q=b",
        "tasks?q=%FF",
        "tasks?q=%5C",
        "tasks?q=(%5B.*%2B%3F%7B%7D%24%5E%7C",
        "tasks?q=%F0%9F%98%80",
        "tasks?handler=%00",
        "tasks?paused_by=%00",
        "tasks?then=%24gt",
        "tasks?tag=%00",
        "tasks?limit=1e2",
        "tasks?limit=99999999999999999999",
        "tasks?cursor=%C3%BC",
        "tasks?cursor=AAAA",
        "tasks?cursor=e30",
        "tasks?cursor=" + "W" * 7000,
        "runs?task_id=%00",
        "runs?after_run_id=%00",
        "runs?from=0001-01-01T00:00:00%2B14:00",
        "runs?to=9999-12-31T23:59:59-14:00",
        "runs?from=9e9",
        "tasks/one/runs?from=-9999999999999",
        "runs?from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59.999999Z",
    ],
)
async def test_odd_filters(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/{query}")
    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 422:
        assert answer.json()["errors"]


@pytest.mark.parametrize("query", ["tasks?q=.*", "tasks?q=a&q=%E2%80%A6", "forecast?q=_-_"])
async def test_a_search_without_a_word(lone_client: httpx.AsyncClient, query: str) -> None:
    answer = await lone_client.get(f"/{query}")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"].startswith("/query/q")
    assert "has no letter and no digit; give the beginning of a word" in error["message"]


async def test_a_search_with_too_many_words(lone_client: httpx.AsyncClient) -> None:
    answer = await lone_client.get(
        "/tasks", params={"q": [" ".join(f"{part}{n:02}" for n in range(30)) for part in "ab"]}
    )
    assert answer.status_code == 422
    assert "has 60 words; give at most 20" in answer.json()["errors"][0]["message"]


async def test_an_offset_that_a_url_has_taken_for_a_space(lone_client: httpx.AsyncClient) -> None:
    answer = await lone_client.get("/tasks/one/occurrences?from=2026-12-24T18:00:00+01:00")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"].endswith("; in a URL + is a space: write it as %2B")


@pytest.mark.parametrize("key", [None, "a", "12", 1.5, float("inf"), {"t": "2026-01-01T00:00:00Z"}], ids=repr)
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_forged_cursors_of_occurrences(lone_client: httpx.AsyncClient, order: str, key: Any) -> None:
    cursor = forged(f"occurrences {order}", key)
    answer = await lone_client.get("/tasks/one/occurrences", params={"order": order, "cursor": cursor})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/query/cursor"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2200-01-02T00:00:00Z"])
@pytest.mark.parametrize("name", ["from", "to"])
async def test_instants_at_which_no_schedule_fires(lone_client: httpx.AsyncClient, name: str, at: str) -> None:
    daily = {"cron": "0 0 * * *", "timezone": "Asia/Tokyo"}
    compared = await lone_client.post("/schedules/diff", json={"before": daily, "after": daily, name: at})
    foreseen = await lone_client.get("/forecast", params={name: at})
    for answer, pointer in ((compared, f"/{name}"), (foreseen, f"/query/{name}")):
        assert answer.status_code == 422, answer.text
        (error,) = answer.json()["errors"]
        assert (error["pointer"], "is not within 1970 to 2199" in error["message"]) == (pointer, True)


@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("0001-01-01T00:00:00Z", 422),
        ("9999-12-31T23:59:59Z", 422),
        ("9999-12-31T23:59:59-05:00", 422),
        ("1970-01-01T00:00:00Z", 200),
        ("2199-12-30T00:00:00Z", 200),
    ],
)
@pytest.mark.parametrize("schedule", [{"every": "PT15M"}, {"cron": "0 9 * * *", "timezone": "Asia/Tokyo"}], ids=repr)
async def test_a_look_ahead_from_the_edge_of_time(
    lone_client: httpx.AsyncClient, schedule: dict[str, str], at: str, status: int
) -> None:
    answer = await lone_client.post("/schedules/preview", json={"schedule": schedule, "from": at})
    assert answer.status_code == status, answer.text
    assert [one["pointer"] for one in answer.json().get("errors", [])] == (["/from"] if status == 422 else [])
