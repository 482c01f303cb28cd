"""Streams of changes, of real servers on a real MongoDB."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import pytest_asyncio

from tasker_api.changes import change_log, change_watcher
from tasker_api.changes.change_hints import ChangeFilter
from tasker_api.testing.document_writer import DocumentWriter
from tasker_api.testing.running_api import RunningApi
from tasker_api.testing.served_api import EventStreamClient, ServedApi
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import free_port

Serve = Callable[[], Awaitable[ServedApi]]


@pytest_asyncio.fixture(loop_scope="session")
async def serve(kafka: str, topics: str, database: str) -> AsyncIterator[Serve]:
    """Starts servers on one database."""
    running = list[ServedApi]()

    async def start() -> ServedApi:
        server = ServedApi(RunningApi(kafka, topics, database, api_max_streams=3), free_port())
        running.append(server)
        if len(running) == 1:
            await server.api.documents.indexes()

        async def look() -> bool:
            try:
                return (await client.get(server.url.replace("/api/v1", "/healthz"))).status_code == 200
            except httpx.HTTPError:
                return False

        await eventually(look, "the server")
        return server

    async with httpx.AsyncClient() as client:
        yield start
    await asyncio.gather(*(one.stop() for one in running))


@pytest_asyncio.fixture(loop_scope="session")
async def served(serve: Serve) -> ServedApi:
    """One server."""
    return await serve()


async def test_a_change_is_told_at_once_and_what_follows_within_a_second(served: ServedApi) -> None:
    documents = served.api.documents
    async with served.stream() as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["x-accel-buffering"] == "no"
        event = await stream.next()
        assert (event.name, event.data) == ("open", {"resumed": False})
        began = time.monotonic()
        await documents.run("r1", task_id="a")
        assert await stream.changed("runs") == {"task_ids": ["a"], "ids": ["r1"], "more": False}
        assert time.monotonic() - began < change_watcher.PUBLISH_SECONDS
        for n in range(120):
            await documents.run(f"s{n:03}", task_id="b", state="running")
        told = set[str]()
        events, is_more = 0, False
        while not is_more and len(told) < 120:
            entry = await stream.changed("runs")
            told |= set(entry["ids"])
            events, is_more = events + 1, entry["more"]
        assert events <= 5
        assert time.monotonic() - began < 10


async def test_an_updated_run_is_told_with_its_task_and_what_expires_is_not(served: ServedApi) -> None:
    runs = served.api.documents.database["runs"]
    await served.api.documents.run("r1", task_id="a", state="running")
    await served.api.documents.run("old", task_id="a")
    async with served.stream(task_id="a", kind="runs") as stream:
        assert (await stream.next()).name == "open"
        await runs.delete_one({"_id": "old"})
        await runs.update_one({"_id": "r1"}, {"$set": {"state": "succeeded"}})
        assert await stream.changed("runs") == {"task_ids": ["a"], "ids": ["r1"], "more": False}


async def test_only_what_is_asked_for_is_told(served: ServedApi) -> None:
    documents = served.api.documents
    async with served.stream(task_id=["a", "b"], kind=["missed", "tasks"]) as stream:
        assert (await stream.next()).name == "open"
        await documents.task("other")
        await documents.run("r", task_id="a")
        await documents.task("b")
        event = await stream.next()
        assert (event.name, event.data) == ("changes", {"tasks": {"task_ids": ["b"], "more": False}})


async def test_a_calendar_that_is_made_changed_or_deleted_is_told_by_its_name(served: ServedApi) -> None:
    documents = served.api.documents
    async with served.stream(kind="calendars") as stream:
        assert (await stream.next()).name == "open"
        await documents.task("a")
        await documents.calendar("holidays", ["2026-12-25"])
        assert await stream.changed("calendars") == {"names": ["holidays"], "more": False}
        await documents.database["calendars"].update_one({"_id": "holidays"}, {"$set": {"deleted": True}})
        assert await stream.changed("calendars") == {"names": ["holidays"], "more": False}


async def all_runs(stream_of: ServedApi, last_id: str, wanted: set[str]) -> None:
    """What comes after an event holds all of these runs, and nothing was lost in between."""
    found = set[str]()
    async with stream_of.stream(last_id) as stream:
        event = await stream.next()
        assert (event.name, event.data) == ("open", {"resumed": True})
        while not wanted <= found:
            found |= set((await stream.changed("runs"))["ids"])


async def test_nothing_is_lost_between_two_streams_of_one_process_or_of_two(serve: Serve) -> None:
    first, second = await serve(), await serve()
    documents = first.api.documents
    async with first.stream() as stream:
        await stream.next()
        await documents.run("r0")
        await stream.changed("runs")
        last_id = stream.last_id
    await asyncio.gather(*(documents.run(f"r{n}") for n in range(1, 6)))
    wanted = {f"r{n}" for n in range(1, 6)}
    await all_runs(first, last_id, wanted)
    await all_runs(second, last_id, wanted)  # which has watched nothing so far
    async with second.stream() as other:
        await other.next()
        late = await asyncio.wait_for(all_runs_of_two(second, last_id, wanted), 20)
    assert late == wanted


async def all_runs_of_two(served: ServedApi, last_id: str, wanted: set[str]) -> set[str]:
    await all_runs(served, last_id, wanted)
    return wanted


async def test_one_that_watches_already_goes_back_for_who_was_away_elsewhere(serve: Serve) -> None:
    first, second = await serve(), await serve()
    documents = first.api.documents
    async with first.stream() as stream:
        last_id = (await stream.next()).id
    await documents.run("r1")
    async with second.stream() as live:
        await live.next()
        now, before = change_log.parse_position(live.last_id), change_log.parse_position(last_id)
        assert now is not None
        assert before is not None
        assert now > before
        await all_runs(second, last_id, {"r1"})
        await documents.run("r2")
        while "r2" not in (await live.changed("runs"))["ids"]:
            pass


@pytest.mark.parametrize("last_id", ["1700000000-1", "no position", "4100000000-1"])
async def test_what_is_too_old_or_to_come_or_no_id_is_answered_with_a_reset(served: ServedApi, last_id: str) -> None:
    async with served.stream(last_id) as stream:
        event = await stream.next()
        assert event.name == "reset"
        assert "read anew" in event.data["reason"]
        await served.api.documents.run("r1")
        assert (await stream.changed("runs"))["ids"] == ["r1"]


async def test_who_reads_slowly_hears_it_later_or_is_told_to_read_anew(
    served: ServedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_watcher, "PUBLISH_SECONDS", 0.0)
    monkeypatch.setattr(change_log, "MAX_BATCHES", 3)
    async with served.api.changes.subscribe(ChangeFilter(), None) as slow:
        assert slow is not None
        async with served.stream() as stream:
            await stream.next()
            for n in range(6):
                await served.api.documents.run(f"r{n}")
                await stream.changed("runs")
        assert slow.take() is None
        assert slow.reset


async def ended(stream: EventStreamClient) -> bool:
    try:
        while True:
            await stream.next()
    except StopAsyncIteration:
        return True


async def test_a_stop_ends_the_streams_at_once_and_they_go_on_elsewhere(serve: Serve) -> None:
    first, second = await serve(), await serve()
    documents = DocumentWriter(second.api.mongo)
    async with second.stream() as staying:
        await staying.next()
        async with first.stream() as stream:
            last_id = (await stream.next()).id
            began = time.monotonic()
            stopped = asyncio.create_task(first.stop())
            assert await ended(stream)
            await stopped
            assert time.monotonic() - began < 5
        await documents.run("r1")
        await all_runs(second, last_id, {"r1"})


async def test_nothing_is_watched_while_nobody_listens(served: ServedApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_watcher, "LINGER_SECONDS", 0.1)
    database = served.api.mongo.client

    async def cursors() -> int:
        found = await database.admin.aggregate([{"$currentOp": {"idleCursors": True, "allUsers": True}}]).to_list(None)
        own = f"{served.api.mongo.database.name}.$cmd"
        return sum(1 for one in found if one["ns"].startswith(own) and "cursor" in one)

    async def none_left() -> bool:
        return await cursors() == 0

    await eventually(none_left, "no cursor before")
    async with served.stream() as stream:
        await stream.next()
        assert await cursors() == 1
        assert served.api.changes.streams == 1
    await eventually(none_left, "no cursor after")
    assert served.api.changes.streams == 0


async def test_too_many_and_foreign_pages_are_refused(served: ServedApi) -> None:
    async with served.stream() as one, served.stream() as two, served.stream() as three, served.stream() as fourth:
        assert [s.response.status_code for s in (one, two, three, fourth)] == [200, 200, 200, 503]
        assert fourth.response.headers["retry-after"]
    async with httpx.AsyncClient() as client:
        foreign = await client.get(f"{served.url}/stream", headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403
        wrong = await client.get(f"{served.url}/stream", params={"kind": "everything"})
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["pointer"].startswith("/query/kind")
