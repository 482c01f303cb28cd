"""The clients of the REST API against servers that answer as the API does; tests/e2e has the real one."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasker import AsyncClient, Client, NotDecided, NotReachable, TaskerProblem
from tasker.rest.request_policy import RequestPolicy

PENDING = {"event_id": "e1", "task_id": "a", "journal": "/api/v1/journal/e1"}


class Server:
    """Gives its answers one after the other, the last one again and again; remembers requests and pauses."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.requests, self.pauses = list(answers), list[httpx.Request](), list[float]()

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, **options: Any) -> Client:
        transport = httpx.MockTransport(self.answer)
        return Client("http://there", transport=transport, pause=self.pauses.append, **options)

    def async_client(self) -> AsyncClient:
        async def pause(seconds: float) -> None:
            self.pauses.append(seconds)

        return AsyncClient("http://there", transport=httpx.MockTransport(self.answer), pause=pause)

    @property
    def keys(self) -> set[str | None]:
        return {request.headers.get("idempotency-key") for request in self.requests}


def problem(status: int, detail: str = "no", **more: Any) -> httpx.Response:
    headers = {name.replace("_", "-"): value for name, value in more.pop("headers", {}).items()}
    return httpx.Response(status, json={"status": status, "detail": detail, **more}, headers=headers)


def test_a_change_is_tried_again_under_the_same_key() -> None:
    server = Server(httpx.ReadTimeout("slow"), problem(503, headers={"retry_after": "2"}), httpx.Response(200, json={}))
    server.client().tasks.pause("a", note="holidays")
    assert len(server.requests) == 3
    assert len(server.keys) == 1
    assert server.keys != {None}
    assert server.pauses == [0.2, 2.0]
    assert json.loads(server.requests[2].content) == {"note": "holidays"}


async def test_the_asynchronous_client_does_the_same() -> None:
    server = Server(problem(503), httpx.Response(200, json={"id": "a"}))
    async with server.async_client() as client:
        assert await client.tasks.trigger("a", payload=None) == {"id": "a"}
    assert (len(server.requests), len(server.keys), server.pauses) == (2, 1, [0.2])
    assert json.loads(server.requests[0].content) == {"payload": None}


def test_a_change_without_a_verdict_is_asked_for_again_until_there_is_one() -> None:
    server = Server(httpx.Response(202, json=PENDING), httpx.Response(201, json={"id": "a"}))
    assert server.client().tasks.create({"id": "a", "schedule": {"every": "PT1M"}})["id"] == "a"
    assert (len(server.keys), server.pauses) == (1, [])  # the API itself waits before it answers 202

    server = Server(httpx.Response(202, json=PENDING))
    with pytest.raises(NotDecided) as caught:
        server.client(policy=RequestPolicy(decision_seconds=0)).tasks.delete("a")
    assert caught.value.event_id == "e1"


def test_an_id_stays_one_whatever_is_in_it() -> None:
    server = Server(httpx.Response(200, json={}))
    client = server.client()
    client.system.journal_entry("deploy?7/a#b 50%41")
    client.tasks.pause("a?b")
    assert [request.url.raw_path for request in server.requests] == [
        b"/api/v1/journal/deploy%3F7%2Fa%23b%2050%2541",
        b"/api/v1/tasks/a%3Fb/pause",
    ]


def test_what_is_refused_says_why_and_where() -> None:
    errors = [{"pointer": "/schedule/cron", "message": "five fields"}]
    server = Server(problem(422, "wrong", errors=errors))
    with pytest.raises(TaskerProblem, match="wrong") as caught:
        server.client().tasks.put("a", {"schedule": {"cron": "* *"}}, if_version=41)
    assert (caught.value.status, caught.value.errors) == (422, errors)
    assert server.requests[0].headers["if-match"] == '"41"'
    assert len(server.requests) == 1
    server = Server(httpx.Response(200, text="<html>"))
    with pytest.raises(TaskerProblem, match="is it a Tasker"):
        server.client().tasks.get("a")


def test_it_gives_up() -> None:
    server = Server(httpx.ConnectError("refused"))
    with pytest.raises(NotReachable, match="no answer from http://there: refused"):
        server.client(policy=RequestPolicy(retries=2)).tasks.get("a")
    assert server.pauses == [0.2, 0.4]
    server = Server(problem(429, "slower", headers={"retry_after": "3600"}))
    with pytest.raises(TaskerProblem, match="slower"):
        server.client().tasks.get("a")
    assert server.pauses == []  # nobody waits for an hour


def test_a_patch_is_tried_again_as_it_was() -> None:
    for trouble in (httpx.ReadTimeout("slow"), problem(503)):
        server = Server(trouble, httpx.Response(200, json={}))
        server.client().tasks.patch("a", {"name": "A"}, if_version=3, key="k")
        headers = [request.headers for request in server.requests]
        assert [one["idempotency-key"] for one in headers] == ["k", "k"]
        assert {(one["content-type"], one["if-match"]) for one in headers} == {("application/merge-patch+json", '"3"')}


def test_a_file_is_sent_piece_by_piece_and_anew_for_each_try(tmp_path: Path) -> None:
    file = tmp_path / "many.ndjson"
    file.write_bytes(bytes(200_000))
    answers, pieces = [problem(503), httpx.Response(200, json={"plan": "p"})], list[list[int]]()

    class Pieces(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            assert isinstance(request.stream, httpx.SyncByteStream)
            pieces.append([len(piece) for piece in request.stream])
            return answers.pop(0)

    with Client("http://there", transport=Pieces(), pause=lambda _: None) as client:
        assert client.imports.plan(file, "ndjson")["plan"] == "p"
    assert pieces == [[65536, 65536, 65536, 3392]] * 2


def test_a_plan_is_read_entry_by_entry_and_is_whole_or_refused() -> None:
    items = [{"task_id": "a", "action": "same"}, {"plan": "p", "is_whole": True}]
    lines = b"".join(json.dumps(item).encode() + b"\n" for item in items)
    server = Server(httpx.Response(200, content=lines), httpx.Response(200, content=lines[:-20]), problem(413, "large"))
    found = list(server.client().imports.plan_entries(b"[]", "json"))
    assert found == [items[0], items[1] | {"items": []}]
    assert server.requests[0].headers["accept"] == "application/x-ndjson"
    with pytest.raises(NotReachable, match="broken off"):
        list(server.client().imports.plan_entries(b"[]", "json"))
    with pytest.raises(TaskerProblem, match="large"):
        list(server.client().imports.plan_entries(b"[]", "json"))


def test_lists_are_read_page_by_page_as_far_as_they_are_wanted() -> None:
    pages = [httpx.Response(200, json={"items": [{"id": "a"}] * n, "next_cursor": f"c{n}"}) for n in (200, 50)]
    server = Server(*pages)
    found = server.client().tasks.list(tag=["x", "y"], limit=250, min_failures=2)
    assert len(server.requests) == 0
    next(found)
    assert len(server.requests) == 1
    assert len(list(found)) == 249
    params = [request.url.params for request in server.requests]
    assert [sorted(one.multi_items()) for one in params] == [
        [("limit", "200"), ("min_failures", "2"), ("tag", "x"), ("tag", "y")],
        [("cursor", "c200"), ("limit", "50"), ("min_failures", "2"), ("tag", "x"), ("tag", "y")],
    ]


def test_times_are_sent_with_their_offset() -> None:
    server = Server(httpx.Response(200, json={"items": [], "next_cursor": None}))
    assert list(server.client().runs.list(start=datetime(2026, 12, 24, 18, tzinfo=UTC))) == []
    assert server.requests[0].url.params["from"] == "2026-12-24T18:00:00+00:00"
    with pytest.raises(ValueError, match="no offset"):
        server.client().schedules.preview({"every": "PT1M"}, start=datetime(2026, 12, 24))  # noqa: DTZ001


def test_key_and_url_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKER_URL", "https://tasker.example/")
    monkeypatch.setenv("TASKER_API_KEY", "tsk_abc")
    server = Server(httpx.Response(200, json={}))
    with Client(transport=httpx.MockTransport(server.answer), actor="ann") as client:
        client.system.state()
    sent = server.requests[0]
    assert str(sent.url) == "https://tasker.example/api/v1/system"
    assert (sent.headers["authorization"], sent.headers["tasker-actor"]) == ("Bearer tsk_abc", "ann")


def test_who_does_it_may_have_any_name() -> None:
    server = Server(httpx.Response(200, json={}))
    with Client(transport=httpx.MockTransport(server.answer), actor="Zoë Łukasz") as client:
        client.system.state()
    assert (b"Tasker-Actor", "Zoë Łukasz".encode()) in server.requests[0].headers.raw


def test_a_stream_goes_on_where_it_ended() -> None:
    def events(*lines: str) -> httpx.Response:
        return httpx.Response(200, text="\n".join([*lines, "", ""]))

    first = events("id: 7", "event: open", 'data: {"resumed":false}', "", ": nothing new", "id: 8", "")
    second = events("id: 9", "event: changes", 'data: {"runs":', "data: {}}")
    server = Server(first, second, problem(403, "viewers only"))
    followed = server.client().changes.follow(kind=["runs"], task_id="a")
    assert [(event.event, event.data) for event in (next(followed), next(followed))] == [
        ("open", '{"resumed":false}'),
        ("changes", '{"runs":\n{}}'),
    ]
    assert server.requests[1].headers["last-event-id"] == "8"
    with pytest.raises(TaskerProblem, match="viewers only"):
        next(followed)
