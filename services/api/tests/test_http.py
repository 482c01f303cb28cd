"""HTTP as RFC 9110 has it: methods, ETags, media types, bounds of time and size; on a server of its own."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from inspect import iscoroutinefunction
from typing import Any, get_args

import httpx
import psutil
import pytest
import pytest_asyncio

from tasker_api import request_dependencies
from tasker_api.access.caller import CallerOf
from tasker_api.middleware.entity_tags import entity_tag, is_known
from tasker_api.request_dependencies import Body, Builder, Context, IfVersion, ScopeOf
from tasker_api.server import http_protocol
from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi
from tasker_api.testing.served_api import ServedApi
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import free_port

HEAD = b"Host: localhost\r\n"
JSON = {"content-type": "application/json"}
WEBSOCKET = (
    b"Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
END = b"0\r\n\r\n"
LARGE = b"%x\r\n%b\r\n" % (65536, b"a" * 65536)
LAST = b"GET /api/v1/nothing HTTP/1.1\r\n%bConnection: close\r\n\r\n" % HEAD
SECONDS = 20
HTTPX_KEEPS_SECONDS = 5
PROXIES_KEEP_SECONDS = 60  # nginx (keepalive_timeout of an upstream), and the load balancers of AWS


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def port() -> AsyncIterator[int]:
    """The port of a server without backends."""
    served = ServedApi(RunningApi("127.0.0.1:1", "none", "mongodb://127.0.0.1:1/none"), number := free_port())
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", number)
                writer.close()
                break
            except OSError:
                await asyncio.sleep(0.01)
    yield number
    await served.stop()


async def answered(port: int, sent: bytes) -> list[tuple[int, dict[str, str], bytes]]:
    """What a server answers to bytes until it closes the connection: statuses, headers, bodies."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(SECONDS):
        raw = await reader.read()
    writer.close()
    found = list[tuple[int, dict[str, str], bytes]]()
    while raw:
        head, _, rest = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        size = int(headers.get("content-length", 0))
        found.append((int(first.split()[1]), headers, rest[:size]))
        raw = rest[size:]
    return found


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (b"GET /api/v1/nothing HTTP/1.0\r\nHost: localhost\r\n\r\n", [404]),
        (b"GET /api/v1/a HTTP/1.1\r\n%b\r\n" % HEAD + LAST, [404, 404]),
        (b"GET http://localhost/api/v1/nothing HTTP/1.1\r\n%bConnection: close\r\n\r\n" % HEAD, [404]),
        (b"GET /api/v1/nothing HTTP/1.1\r\n%b%b\r\n" % (HEAD, WEBSOCKET), [404]),  # RFC 9110, 7.8: ignored
        (b"GET /api/v1/nothing HTTP/1.1\r\nHost: evil.example\r\n%b\r\n" % WEBSOCKET, [421]),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", [400]),
        (b"GET /api/v1/handlers HTTP/1.1\r\n%bB ad: x\r\n\r\n" % HEAD, [400]),
        (b'PUT /api/v1/tasks/a HTTP/1.1\r\n%bIf-Match: "1\x01"\r\n\r\n' % HEAD, [400]),
        (b"POST /api/v1/tasks HTTP/1.1\r\n%bContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}" % HEAD, [400]),
        (b"FOO /api/v1/tasks HTTP/1.1\r\n%b\r\n" % HEAD, [400]),
        (b"GET /api/v1/handlers HTTP/1.1\r\n%bX: %b\r\n\r\n" % (HEAD, b"a" * 200_000), [431]),
        (b"GET /api/v1/handlers HTTP/1.1\r\n%b%b\r\n" % (HEAD, b"X: a\r\n" * 20_000), [431]),
        (  # the connection is good for more, once the rest of what was too large is there
            b"POST /api/v1/tasks HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n\r\n%b" % (HEAD, LARGE * 20 + END + LAST),
            [413, 404],
        ),
    ],
)  # fmt: skip
async def test_whatever_is_sent_is_answered_by_a_problem(port: int, sent: bytes, statuses: list[int]) -> None:
    found = await answered(port, sent)
    assert [status for status, _, _ in found] == statuses
    for status, headers, body in found:
        assert headers["content-type"] == "application/problem+json"
        assert json.loads(body)["status"] == status


async def test_who_says_nothing_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.05)
    monkeypatch.setattr(http_protocol, "LINGER_SECONDS", 0.05)
    for sent in (b"", b"GET /api/v1/tas"):
        ((status, _, _),) = await answered(port, sent)
        assert status == 408


async def test_a_connection_stays_for_longer_than_clients_and_proxies_keep_one(port: int) -> None:
    """A server that closes first does so, by chance, while a request is on its way: the client sees a reset."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    ask = b"GET /api/v1/nothing HTTP/1.1\r\n%b\r\n" % HEAD
    writer.write(ask)
    async with asyncio.timeout(SECONDS):
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(HTTPX_KEEPS_SECONDS + 1):
            assert await reader.read(1) != b"", "closed"
    writer.write(ask)
    async with asyncio.timeout(SECONDS):
        assert (await reader.readline()).startswith(b"HTTP/1.1 404 ")
    writer.close()
    assert http_protocol.KEEP_ALIVE_SECONDS > PROXIES_KEEP_SECONDS


async def test_a_body_that_has_no_end_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_dependencies, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(http_protocol, "UNREAD_SECONDS", 0.05)
    ((status, _, _),) = await answered(port, b"POST /api/v1/tasks HTTP/1.1\r\n%bContent-Length: 9\r\n\r\n{" % HEAD)
    assert status == 408


async def test_who_takes_nothing_of_the_answer_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "STALL_SECONDS", 0.2)
    asked = b"GET /api/v1/openapi.json HTTP/1.1\r\n%b\r\n" % HEAD
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.setblocking(False)
        own = client.getsockname()[1]
        client.send(asked * 100)  # many megabytes, more than the system takes for a client that reads none

        async def given_up() -> bool:
            ends = [one for one in psutil.net_connections("tcp4") if one.raddr and one.raddr.port == own]
            return all(one.status != psutil.CONN_ESTABLISHED for one in ends)

        await eventually(given_up, "the server's end closed")
    ((status, _, _),) = await answered(port, LAST)
    assert status == 404


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/tasks", "GET, HEAD, OPTIONS, POST"),
        ("/tasks/a", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("/tasks/a/pause", "OPTIONS, POST"),
        ("/runs", "GET, HEAD, OPTIONS"),
    ],
)
async def test_each_path_tells_its_methods(lone_client: httpx.AsyncClient, path: str, allow: str) -> None:
    told = await lone_client.options(path)
    assert (told.status_code, told.headers["allow"]) == (204, allow)
    for method in {"GET", "PUT", "POST", "PATCH", "DELETE", "TRACE"} - set(allow.split(", ")):
        refused = await lone_client.request(method, path)
        assert (refused.status_code, refused.headers["allow"]) == (405, allow), method


async def test_a_slash_at_the_end_is_told_and_an_encoded_one_is_part_of_no_id(lone_client: httpx.AsyncClient) -> None:
    assert "slash at the end" in (await lone_client.get("/tasks/")).json()["detail"]
    assert (await lone_client.get("/tasks/a%2Fb")).status_code == 404
    assert (await lone_client.options("/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("method", "content_type", "status"),
    [
        ("PUT", "application/json; charset=UTF-8", 422),
        ("PUT", 'APPLICATION/JSON;charset="utf-8"', 422),
        ("PUT", "application/json; charset=latin-1", 415),
        ("PUT", "application/merge-patch+json", 415),
        ("PUT", "application/vnd.api+json", 415),
        ("PUT", "application/jsonx", 415),
        ("PUT", "text/json", 415),
        ("PUT", "multipart/form-data; boundary=x", 415),
        ("PUT", "nonsense", 415),
        ("PATCH", "text/plain", 415),
    ],
)
async def test_only_json_in_utf_8_is_taken(
    lone_client: httpx.AsyncClient, method: str, content_type: str, status: int
) -> None:
    answer = await lone_client.request(method, "/tasks/a", content=b"{}", headers={"content-type": content_type})
    assert answer.status_code == status, answer.text
    if status == 415:
        assert "application/json" in answer.headers["accept"]


async def test_what_is_read_again_and_is_the_same_has_no_body(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("a", version=41)
    for path in ("/tasks", "/tasks/a", "/runs", "/handlers", "/calendars", "/tasks/a/history"):
        first = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"]), path
        head = await client.head(path)
        assert (head.status_code, head.headers["ETag"]) == (200, first.headers["ETag"])
        assert head.headers["content-length"] == first.headers["content-length"]  # compressed, where GET is
    tag = (await client.get("/tasks/a")).headers["ETag"]
    assert tag.startswith('W/"41-')
    await api.documents.database["tasks"].update_one({"_id": "a"}, {"$set": {"failures": 7}})
    changed = await client.get("/tasks/a", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["failures"]) == (200, 7)


async def test_the_etag_that_was_read_is_a_condition(client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    headers = {"If-Match": 'W/"41-00ff"'}
    _, event = await asyncio.gather(client.delete("/tasks/a", headers=headers), ticker.decide(version=42))
    assert event["if_version"] == 41


async def test_a_key_that_was_used_for_another_task_is_refused(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    key: dict[str, Any] = {"Idempotency-Key": "k-1"}
    first, _ = await asyncio.gather(client.delete("/tasks/a", headers=key), ticker.decide(version=2))
    assert first.status_code == 204
    for path in ("/tasks/b", "/calendars/a"):
        other = await client.delete(path, headers=key)
        assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "/header/Idempotency-Key"), path
    assert (await client.delete("/tasks/a", headers=key)).status_code == 204
    assert len(ticker.events) == 1


@pytest.mark.parametrize("given", [Body, Builder, Context, IfVersion, ScopeOf, CallerOf])
def test_nothing_that_routes_are_given_is_made_in_a_thread(given: Any) -> None:
    (made,) = (one.dependency for one in get_args(given)[1:] if hasattr(one, "dependency"))
    assert iscoroutinefunction(made)


def test_tags_are_compared_weakly() -> None:
    tag = entity_tag(b"{}", '"41"')
    assert is_known(tag, tag)
    assert is_known(tag, tag.removeprefix("W/"))
    assert is_known(tag, "*")
    assert not is_known(tag, entity_tag(b"{} ", '"41"'))
    assert entity_tag(b"{}", None) != tag
