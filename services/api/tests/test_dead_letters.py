"""Dead letters: listed from Kafka, newest first and page by page, and redriven by what they are."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from msgspec import Raw

from tasker_api.dead_letters.causes import cause_of
from tasker_api.dead_letters.redrive_plan import RedrivePlan, redrive_plan
from tasker_api.testing.deaf_producer import deaf_to, named_key
from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi
from tasker_core.kafka_record import Record
from tasker_core.messages.base import encode
from tasker_core.messages.dead_letter import MAX_AROUND_BYTES, MAX_VALUE_BYTES, DeadLetter
from tasker_core.messages.runs import Cancel, ReportedEnd, Run, decode_run
from tasker_core.topics import PARTITIONS, Topics
from tasker_devstack.pytest_plugin import fresh_topics
from tasker_devstack.rest_pages import pages
from tasker_runtime.dead_letter_producer import DeadLetterProducer
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader

RUN_ID = "0123456789abcdef0123456789abcdef"
AT = "2026-01-01T12:00:00.000Z"
Json = dict[str, Any]


class DeadLetterWriter:
    """Writes dead letters as the services do."""

    def __init__(self, api: RunningApi, topics: str) -> None:
        self._topics = Topics(topics)
        self.letters = DeadLetterProducer(api.producer, self._topics["dead-letters"], "ticker")

    async def publish(self, name: Any, value: bytes | None, **changes: Any) -> None:
        record = Record(self._topics[name], 3, 41, 0, b"a", value, [])
        await self.letters.publish(record._replace(**changes), "not JSON: é")


@pytest_asyncio.fixture(loop_scope="session")
async def topics(kafka: str) -> AsyncIterator[str]:
    """Topics that nothing is in yet."""
    async with fresh_topics(kafka) as prefix:
        yield prefix


@pytest.fixture
def writer(api: RunningApi, topics: str) -> DeadLetterWriter:
    return DeadLetterWriter(api, topics)


def run_record(**changes: Any) -> bytes:
    fields: Json = {"run_id": RUN_ID, "task_id": "a", "task_name": "A", "generation": 1, "version": 1}
    return encode(Run(nominal_at=AT, effective_at=AT, emitted_at=AT, **fields | changes))


async def listed(client: httpx.AsyncClient, **params: Any) -> list[Json]:
    return (await client.get("/dead-letters", params=params)).json()["items"]


async def test_a_dead_letter_shows_its_source_reason_and_value(
    client: httpx.AsyncClient, writer: DeadLetterWriter, topics: str
) -> None:
    await writer.publish("task-events", b"\xff not an event", key=None)
    (found,) = await listed(client)
    assert found["id"] == f"{found['partition']}-{found['offset']}"
    assert (found["service"], found["topic"]) == ("ticker", f"{topics}.task-events")
    assert (found["source_partition"], found["source_offset"], found["size"]) == (3, 41, 14)
    assert found["reason"] == "not JSON: é"
    assert (found["preview"], found["is_cut"], found["key"]) == ("\ufffd not an event", False, None)
    assert (found["task_id"], found["run_id"], found["redrive"]) == (None, None, "send_back")


@pytest.mark.parametrize("limit", [1, 4, 100])
async def test_they_come_once_newest_first(client: httpx.AsyncClient, writer: DeadLetterWriter, limit: int) -> None:
    for n in range(30):
        await writer.publish("task-events", b"%d" % n, key=b"%d" % (n % 7))
    found = list[str]()
    async for page in pages(client, "/dead-letters", limit=limit):
        assert 0 < len(page) <= limit
        found += [item["preview"] for item in page]
        for n in range(7):  # what comes meanwhile is newer: it is not behind what was read
            await writer.publish("task-events", b"later", key=b"%d" % n)
    assert sorted(map(int, found)) == list(range(30))
    of_one_key = [int(text) for text in found if int(text) % 7 == 3]
    assert of_one_key == sorted(of_one_key, reverse=True)


async def test_nothing_is_there_at_first(client: httpx.AsyncClient) -> None:
    assert (await client.get("/dead-letters")).json() == {"items": [], "next_cursor": None}
    for place in ("0/0", "999/0"):
        assert (await client.post(f"/dead-letters/{place}/redrive")).status_code == 404
    no_place = await client.post("/dead-letters/0/-1/redrive")
    assert (no_place.status_code, no_place.json()["errors"][0]["pointer"]) == (422, "/path/offset")
    for cursor in ("nonsense", "WyJkZWFkLWxldHRlcnMiLDFd"):
        answer = await client.get("/dead-letters", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/cursor")


async def test_what_no_service_wrote_is_passed_over(
    api: RunningApi, client: httpx.AsyncClient, writer: DeadLetterWriter, topics: str
) -> None:
    ours = [(f"tasker-{name}", b"x") for name in ("service", "topic", "partition", "offset", "reason", "size")]
    for headers in ([], [("x", b"y")], [*ours, ("tasker-sha256", b"z")]):
        await api.producer.send(f"{topics}.dead-letters", b"theirs", key=b"a", headers=headers)
    await writer.publish("task-events", b"ours")
    assert [dead_letter["preview"] for dead_letter in await listed(client)] == ["ours"]
    (dead_letter,) = await listed(client, limit=1)
    assert (await client.post(f"/dead-letters/{dead_letter['partition']}/0/redrive")).status_code == 404


async def test_an_event_goes_back_as_it_was(
    client: httpx.AsyncClient, writer: DeadLetterWriter, kafka: str, topics: str
) -> None:
    headers = [("ce_type", b"tasker.put"), ("tasker-topic", b"theirs"), ("x", b"\xff")]
    await writer.publish("task-events", b"\x00 bytes", headers=headers, key=b"\xfe", partition=5)
    (dead_letter,) = await listed(client)
    answer = await client.post(f"/dead-letters/{dead_letter['partition']}/{dead_letter['offset']}/redrive")
    assert answer.status_code == 200, answer.text
    response = answer.json()
    assert (response["how"], response["topic"], response["partition"]) == ("sent_back", f"{topics}.task-events", 5)
    reader = PartitionReader(KafkaConnection(kafka))
    await reader.start()
    reader.assign(*(TopicPartition(response["topic"], p) for p in range(PARTITIONS)))
    async with asyncio.timeout(20):
        while not (records := await reader.poll(100)):
            pass
    await reader.stop()
    (record,) = records
    assert (record.partition, record.offset) == (5, response["offset"])
    assert (record.key, record.value, list(record.headers)) == (b"\xfe", b"\x00 bytes", headers)


async def test_a_run_is_run_again_by_a_trigger(
    client: httpx.AsyncClient, writer: DeadLetterWriter, ticker: FakeTicker
) -> None:
    await writer.publish("due-tasks", run_record(payload=Raw(b'{"n": 12345678901234567890}')))
    (dead_letter,) = await listed(client)
    assert (dead_letter["task_id"], dead_letter["run_id"], dead_letter["redrive"]) == ("a", RUN_ID, "run_again")
    path = f"/dead-letters/{dead_letter['partition']}/{dead_letter['offset']}/redrive"
    answer, event = await asyncio.gather(client.post(path), ticker.decide(run_id="new"))
    assert answer.status_code == 200, answer.text
    assert {name: answer.json()[name] for name in ("how", "task_id", "run_id", "event_id")} == {
        "how": "run_again",
        "task_id": "a",
        "run_id": "new",
        "event_id": event["id"],
    }
    assert (event["type"], event["payload"]) == ("trigger", {"n": 12345678901234567890})
    assert (dead_letter["id"] in event["note"], RUN_ID in event["note"]) == (True, True)
    no_such_task = [{"pointer": "/task_id", "message": "no such task"}]
    answer, _ = await asyncio.gather(client.post(path), ticker.decide(verdict="rejected", errors=no_such_task))
    assert (answer.status_code, "create the task again" in answer.json()["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("name", "value", "changes", "why"),
    [
        ("due-background", b"\x00", {}, "no run"),
        ("verdicts", b"{}", {}, "one writer"),
        ("watermarks", b"{}", {}, "one writer"),
        ("task-events", b"x" * (MAX_VALUE_BYTES + 1), {}, "value was too large"),
        ("task-events", b"x", {"key": b"k" * (MAX_AROUND_BYTES + 1)}, "key was too large"),
        ("results", b"x", {"headers": [("h", b"h" * MAX_AROUND_BYTES)]}, "headers was too large"),
    ],
)
async def test_what_cannot_be_redriven_says_why(
    client: httpx.AsyncClient, writer: DeadLetterWriter, name: str, value: bytes, changes: Json, why: str
) -> None:
    await writer.publish(name, value, **changes)
    (dead_letter,) = await listed(client)
    assert (dead_letter["redrive"], dead_letter["size"]) == (None, len(value))
    assert why in dead_letter["obstacle"]
    answer = await client.post(f"/dead-letters/{dead_letter['partition']}/{dead_letter['offset']}/redrive")
    assert (answer.status_code, why in answer.json()["detail"]) == (409, True)


def test_a_reported_failure_is_run_again_by_its_run() -> None:
    run = decode_run(run_record())
    end = encode(ReportedEnd(task_id="a", run=run, outcome="failed", received_at="", started_at="", reported_at=""))
    letter = DeadLetter(0, 0, 0, "executor", "tasker.due-tasks", 0, 0, "", len(end), "", (), None, end, ())
    assert redrive_plan(letter, Topics()) == RedrivePlan("run_again", run)
    cancel = replace(letter, value=encode(Cancel(task_id="a")))
    assert redrive_plan(cancel, Topics()).action is None


async def test_they_are_filtered(client: httpx.AsyncClient, writer: DeadLetterWriter, topics: str) -> None:
    for n in range(40):
        await writer.publish("task-events", b"%d" % n, key=b"task-%d" % (n % 4))
    await writer.publish("results", b"needle \xc3\x89", key=b"b")
    assert [one["preview"] for one in await listed(client, topic=f"{topics}.results")] == ["needle É"]
    assert [one["preview"] for one in await listed(client, q="É")] != []
    assert [one["preview"] for one in await listed(client, q="NEEDLE é")] == ["needle É"]
    assert len(await listed(client, task_id="task-3")) == 10
    assert await listed(client, service="executor") == []
    assert len(await listed(client, cause="not JSON: é", service="ticker", limit=100)) == 41
    found = list[str]()
    async for page in pages(client, "/dead-letters", limit=3, task_id="task-1"):
        found += [item["preview"] for item in page]
    assert sorted(map(int, found)) == list(range(1, 40, 4))


async def test_what_has_one_cause_is_one_group(
    client: httpx.AsyncClient, writer: DeadLetterWriter, topics: str
) -> None:
    assert (await client.get("/dead-letters/groups")).json() == {"items": [], "looked_at": 0, "complete": True}
    for n in range(120):
        record = Record(f"{topics}.due-tasks", 3, n, 0, b"a", run_record(), [])
        await writer.letters.publish(record, f"attempt {n}: the address 'http://h{n}/' is refused")
    await writer.publish("verdicts", b"x")
    groups = (await client.get("/dead-letters/groups")).json()
    assert (groups["looked_at"], groups["complete"]) == (121, True)
    first, second = groups["items"]
    assert (first["cause"], first["count"], first["redrivable"]) == ("attempt …: the address … is refused", 120, 120)
    assert (first["tasks"], first["task_count"]) == ([{"id": "a", "count": 120}], 1)
    assert first["first_at"] <= first["last_at"] == first["newest"]["buried_at"]
    assert (second["count"], second["redrivable"]) == (1, 0)
    some = await listed(client, cause=first["cause"], topic=first["topic"], limit=100)
    assert len(some) == 100


async def test_several_are_redriven_each_for_itself(
    client: httpx.AsyncClient, writer: DeadLetterWriter, ticker: FakeTicker
) -> None:
    await writer.publish("results", b"\x00", key=b"x")
    await writer.publish("verdicts", b"{}", key=b"y")
    await writer.publish("due-tasks", run_record())
    ids = {one["topic"].rpartition(".")[2]: one["id"] for one in await listed(client)}
    order = [ids["results"], "0-999999", ids["verdicts"], ids["due-tasks"]]
    body = {"ids": [*order, order[0]]}
    answer, _ = await asyncio.gather(client.post("/dead-letters/redrive", json=body), ticker.decide(run_id="new"))
    items = answer.json()["items"]
    assert [item["id"] for item in items] == order
    assert items[0]["done"]["how"] == "sent_back"
    assert "dead letter" in items[1]["error"]
    assert "one writer" in items[2]["error"]
    assert (items[3]["done"]["how"], items[3]["done"]["run_id"]) == ("run_again", "new")
    refused: list[Json] = [{}, {"ids": []}, {"ids": ["7"]}, {"ids": ["1-1"] * 101}, {"ids": ["1-1"], "all": True}]
    for wrong in refused:
        assert (await client.post("/dead-letters/redrive", json=wrong)).status_code == 422


async def test_several_whose_fate_is_unknown_are_redriven_under_the_same_ids(
    api: RunningApi, client: httpx.AsyncClient, writer: DeadLetterWriter
) -> None:
    for task_id in ("a", "b", "c"):
        await writer.publish("due-tasks", run_record(task_id=task_id))
    body = {"ids": [one["id"] for one in await listed(client)]}
    with deaf_to(api, 3) as producer:
        lost = (await client.post("/dead-letters/redrive", json=body)).json()["items"]
        (key,) = {named_key(item["error"]) for item in lost}
        await client.post("/dead-letters/redrive", json=body, headers={"Idempotency-Key": key})
    ids = [(event["task_id"], event["id"]) for event in producer.sent]
    assert len(set(ids[:3])) == 3
    assert sorted(ids[:3]) == sorted(ids[3:])


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("not JSON: é", "not JSON: é"),
        ("attempt 12 of 'a-b' failed:  http://h:80/x?y answered 503", "attempt … of … failed: … answered …"),
        ("/task/schedule/cron: `61 * * * *` is wrong", "/task/schedule/cron: … is wrong"),
        ("run 0123456789abcdef0123456789abcdef, 1,024 bytes", "run …, … bytes"),
        ("x" * 400, "x" * 300),
    ],
)
def test_a_cause_is_what_reasons_have_in_common(reason: str, cause: str) -> None:
    assert cause_of(reason) == cause
    assert cause_of(cause) == cause


async def test_large_dead_letters_make_short_pages(client: httpx.AsyncClient, writer: DeadLetterWriter) -> None:
    for _ in range(8):
        await asyncio.gather(*(writer.publish("results", b"x" * MAX_VALUE_BYTES, key=b"%d" % k) for k in range(8)))
    sizes = list[int]()
    async for page in pages(client, "/dead-letters"):
        assert all(len(item["preview"]) == 2_000 and item["is_cut"] for item in page)
        sizes.append(len(page))
    assert sum(sizes) == 64
    assert len(sizes) > 2
    assert min(sizes) > 0


async def test_kafka_away_is_answered_in_time(alone: RunningApi, lone_client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(8):
        listing = await lone_client.get("/dead-letters")
    assert (listing.status_code, listing.headers["Retry-After"]) == (503, "2")
