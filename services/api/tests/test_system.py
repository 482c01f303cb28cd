"""The state of the system, as Kafka and MongoDB have it, and what is answered while they are away."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio

from tasker_api.testing.running_api import RunningApi
from tasker_core.loss_note import LossNote, with_note
from tasker_core.messages.base import encode
from tasker_core.messages.watermark import CatchUp, Watermark
from tasker_core.time.instant import from_ms, rfc3339
from tasker_core.topics import Topics
from tasker_devstack.polling import eventually
from tasker_devstack.pytest_plugin import fresh_topics
from tasker_runtime.clock import SystemClock
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.client_id import ServiceInstance, client_id_of
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.group.group_consumer import GroupConsumer


@pytest_asyncio.fixture(loop_scope="session")
async def topics(kafka: str) -> AsyncIterator[str]:
    """Topics that nothing is in yet."""
    async with fresh_topics(kafka) as prefix:
        yield prefix


async def test_without_backends_it_answers_and_says_what_is_missing(lone_client: httpx.AsyncClient) -> None:
    began = time.monotonic()
    answer = await lone_client.get("/system")
    assert time.monotonic() - began < 3
    assert answer.status_code == 200
    found = answer.json()
    assert found["state"] == "red"
    assert [one["part"] for one in found["missing"]] == ["kafka", "mongodb"]
    assert all(one["reason"] for one in found["missing"])
    assert [one["component"] for one in found["findings"]] == ["kafka", "mongodb"]
    assert [one["partition"] for one in found["partitions"]] == list(range(12))
    assert found["partitions"][0]["watermark"] is None
    assert [one["service"] for one in found["instances"]] == ["api"]


async def system(client: httpx.AsyncClient) -> dict[str, Any]:
    """The state once Kafka has answered: the first look of all may take longer than an answer waits."""

    async def look() -> dict[str, Any] | None:
        found = (await client.get("/system")).json()
        return None if found["missing"] else found

    return await eventually(look, "an answer of Kafka")


async def test_it_tells_what_the_watermarks_the_groups_and_the_log_say(
    api: RunningApi, client: httpx.AsyncClient, kafka: str, topics: str
) -> None:
    names, now = Topics(topics), SystemClock().now_ms()
    hour_ago = rfc3339(now - 3_600_000)
    mark = Watermark(
        time=rfc3339(now - 5_000),
        next_offset=0,
        turn=1,
        owner="host-7",
        held=40,
        version="9.9.9",
        clock_offset_ms=-700,
        catch_up=[CatchUp(from_=hour_ago, to=hour_ago, after_task="m")],
    )
    await api.producer.send(names["watermarks"], encode(mark), key=b"3", partition=3)
    for n in range(4):
        await api.producer.send(names["results"], b"{}", key=b"k", partition=n)
    instance = ServiceInstance("log-sink", "9.9.8", "host-8")
    owned = set[TopicPartition]()

    async def assigned(partitions: frozenset[TopicPartition]) -> None:
        owned.update(partitions)

    async def revoked(_: frozenset[TopicPartition]) -> None:
        return

    connection = KafkaConnection(kafka, client_id=client_id_of(instance))
    consumer = GroupConsumer(connection, f"{topics}-log-sink", [names["results"]], assigned=assigned, revoked=revoked)
    await consumer.start()
    try:

        async def joined() -> bool:
            await consumer.poll(50)
            return bool(owned)

        await eventually(joined, "an assignment")
        await consumer.commit({TopicPartition(names["results"], 0): (1, with_note("", LossNote(3, now)))})
        found = await system(client)
    finally:
        await consumer.stop()
    partition = found["partitions"][3]
    assert 5 <= partition.pop("watermark_age_seconds") < 30
    assert partition == {
        "partition": 3,
        "owner": "host-7",
        "version": "9.9.9",
        "watermark": mark.time,
        "held_tasks": 40,
        "waiting_events": 0,
        "clock_offset_ms": -700,
        "logged_watermark": None,
        "catch_up": [{"from": hour_ago, "to": hour_ago, "after_task": "m"}],
        "burst_second": None,
        "canary": None,
    }
    assert found["held_tasks"] == 40
    groups = {one["service"]: one for one in found["groups"]}
    assert (groups["log-sink"]["members"], groups["ticker"]["members"], groups["executor"]["members"]) == (1, 0, 0)
    assert {one["topic"]: one["records"] for one in groups["log-sink"]["lag"]}["results"] == 3
    member = next(one for one in found["instances"] if one["service"] == "log-sink")
    assert (member["instance"], member["version"], member["partitions"]) == ("host-8", "9.9.8", 12)
    said = [one["text"] for one in found["findings"]]
    assert said[:2] == [
        "No ticker is running: no task fires.",
        "No executor is running: what is due is not carried out.",
    ]
    assert any(text.startswith("The clock of the ticker host-7 is 0.7 s behind") for text in said)
    assert any("has come to the task m" in text for text in said)
    lost = f"Kafka has lost up to 3 records of {names['results']} (partition 0) before the log sink read them"
    assert any(text.startswith(lost) for text in said)


async def test_a_mark_is_told_as_it_comes_and_many_callers_cost_one_look(
    api: RunningApi, client: httpx.AsyncClient, topics: str
) -> None:
    await system(client)
    now = SystemClock().now_ms()
    mark = Watermark(time=rfc3339(now), next_offset=0, turn=2, owner="later")
    await api.producer.send(Topics(topics)["watermarks"], encode(mark), key=b"1", partition=1)

    async def told() -> dict[str, Any] | None:
        found = (await client.get("/system")).json()["partitions"][1]
        return found if found["owner"] == "later" else None

    partition = await eventually(told, "the watermark")
    assert partition["version"] == "unknown"
    age = (from_ms(SystemClock().now_ms()) - from_ms(now)).total_seconds()
    assert abs(partition["watermark_age_seconds"] - age) < 2.5  # one look is kept for 1.5 s
    answers = await asyncio.gather(*(client.get("/system") for _ in range(50)))
    assert len({answer.json()["checked_at"] for answer in answers}) <= 2
