"""What really is on the topics after a walk through the whole system is of the contract, record by record."""

import asyncio
import json
from datetime import timedelta
from typing import Any, get_args

import httpx
from aiokafka import AIOKafkaProducer

from tasker_core.messages.verdicts import EventType
from tasker_core.topics import TOPICS, TopicName
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import HOST
from tasker_runtime.clock import utc_now
from tests.contract.asyncapi_document import ChannelMessages, encoded

NOBODY = f"http://{HOST}:1/nobody-listens"
NO_EVENT = b"\x00 no event"
AS_CLOUDEVENTS = {"put.structured", "pause.binary"}
NOT_HERE = {
    *(("verdicts", word) for word in ("missed", "removed")),  # after an outage, and after a week
    ("handlers", "handler.withdrawn"),
    ("due-background", "reported"),  # of a retried run
    *(("task-events", f"{word}.{form}") for word in get_args(EventType) for form in ("structured", "binary")),
} - {("task-events", name) for name in AS_CLOUDEVENTS}
"""What this walk makes no record of; test_asyncapi.py has an example of each."""


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that never answers; it waits until the other side has enough."""
    await reader.read()
    writer.close()


class PatientTarget:
    """A server that answers 202 and keeps where the end of the call is to be reported."""

    def __init__(self) -> None:
        self.callback_url: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        self.callback_url.set_result(fields["Tasker-Callback-Url"])
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


async def walk(client: httpx.AsyncClient, silence: str) -> None:
    """Something of everything that makes a record, over REST."""
    await created(client, id="plain", schedule={"every": "PT1S"}, payload={"n": 1}, tags=["walk"])
    for change in ("pause", "resume", "trigger"):
        assert (await client.post(f"/tasks/plain/{change}")).status_code == 200
    assert (await client.delete("/tasks/plain")).status_code in (200, 204)
    await created(client, id="over", schedule={"at": (utc_now() + timedelta(seconds=2)).isoformat()})

    calls = {"handler": "curl", "schedule": {"every": "P1D"}}
    retry = {"max_attempts": 2, "initial": "PT10M"}
    await created(client, id="fragile", payload=NOBODY, retry=retry, **calls)
    run_id = await triggered(client, "fragile")
    await in_state(client, run_id, "retrying")
    assert (await client.post(f"/runs/{run_id}/cancel")).status_code == 200
    await in_state(client, run_id, "cancelled")
    await created(client, id="hopeless", payload=NOBODY, max_consecutive_failures=2, **calls)
    await in_state(client, await triggered(client, "hopeless"), "failed")
    await created(client, id="slow", payload=silence, timeout="PT2S", **calls)
    await in_state(client, await triggered(client, "slow"), "failed")

    many = await client.post("/bulk-actions", json={"action": "tag", "ids": ["hopeless"], "add_tags": ["walk"]})
    assert many.status_code == 202

    await created(client, id="hourly", schedule={"cron": "0 * * * *"})
    start = utc_now() - timedelta(hours=4)
    hours = {"start": start.isoformat(), "end": (start + timedelta(hours=2)).isoformat(), "rate": 60_000}
    assert (await client.post("/tasks/hourly/backfills", json=hours)).status_code == 200


async def calendars(client: httpx.AsyncClient) -> None:
    """A calendar that a task uses is changed, and deleted when none uses it any more."""
    assert (await client.put("/calendars/closed", json={"days": []})).status_code == 201
    await created(client, id="open", schedule={"every": "P1D", "exclude_calendars": ["closed"]})
    assert (await client.put("/calendars/closed", json={"days": ["2030-01-01"]})).status_code == 200

    async def handed_over() -> bool:
        return (await client.get("/calendars/closed")).json()["tasks_behind"] == 0

    await eventually(handed_over, "the task under the new days")
    assert (await client.delete("/tasks/open")).status_code == 204
    assert (await client.delete("/calendars/closed")).status_code == 204


async def chained(client: httpx.AsyncClient) -> None:
    """A task that starts another one, and then no more."""
    await created(client, id="second", schedule={"manual": True})
    await created(client, id="first", schedule={"manual": True}, then=[{"task": "second"}])
    await in_state(client, await triggered(client, "first"), "succeeded")
    assert (await client.patch("/tasks/first", json={"then": None})).status_code == 200


async def deferred(client: httpx.AsyncClient) -> None:
    """A call whose end is reported later."""
    target = PatientTarget()
    server = await asyncio.start_server(target.answer, HOST, 0)
    async with server:
        url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}/"
        call = {"handler": "http", "payload": {"url": url, "callback": {"timeout": "PT1H"}}}
        await created(client, id="patient", schedule={"manual": True}, **call)
        run_id = await triggered(client, "patient")
        await in_state(client, run_id, "waiting")
        assert (await client.post(await target.callback_url)).status_code == 200
        await in_state(client, run_id, "succeeded")


async def created(client: httpx.AsyncClient, **task: Any) -> None:
    answer = await client.post("/tasks", json=task)
    assert answer.status_code == 201, answer.text


async def triggered(client: httpx.AsyncClient, task: str) -> str:
    return (await client.post(f"/tasks/{task}/trigger")).json()["run_id"]


async def in_state(client: httpx.AsyncClient, run_id: str, state: str) -> None:
    async def look() -> bool:
        answer = await client.get(f"/runs/{run_id}")
        return answer.status_code == 200 and answer.json()["state"] == state

    await eventually(look, f"the run {run_id} {state}")


async def by_hand(system: System) -> None:
    """Events as a plain client sends them: both kinds of CloudEvent, one without key, and one that is none."""
    topic = f"{system.topic_prefix}.task-events"
    put = {"task": {"id": "cloudy", "schedule": {"every": "P1D"}}}
    about = {"specversion": "1.0", "source": "/billing", "datacontenttype": "application/json"}
    pause = {f"ce_{name}": value for name, value in (about | {"type": "tasker.pause", "id": "e-2"}).items()}
    plain: Any = AIOKafkaProducer(bootstrap_servers=system.kafka)
    async with plain as producer:
        structured = json.dumps(about | {"type": "tasker.put", "id": "e-1", "data": put}).encode()
        await producer.send_and_wait(topic, structured, key=b"cloudy")
        await producer.send_and_wait(topic, b'{"task_id": "cloudy"}', key=b"cloudy", headers=encoded(pause))
        # Not in its partition: it is sent on.
        lost = await producer.send_and_wait(topic, b'{"type": "delete", "task_id": "cloudy", "id": "e-3"}', partition=0)
        await producer.send_and_wait(topic, NO_EVENT, key=b"\xff", headers=[("theirs", b"\xfe")])
        assert lost.partition == 0


async def test_every_record_is_exactly_one_message_of_its_channel(system: System) -> None:
    server = await asyncio.start_server(silent, HOST, 0)
    async with server, system.client() as client:
        await walk(client, f"http://{HOST}:{server.sockets[0].getsockname()[1]}/")
        await chained(client)
        await calendars(client)
        await deferred(client)
        await by_hand(system)

        async def answered() -> bool:
            return (await client.get("/journal/e-3")).status_code == 200

        await eventually(answered, "the verdict of the last event")

    messages = ChannelMessages()
    names: dict[str, TopicName] = {f"{system.topic_prefix}.{topic.name}": topic.name for topic in TOPICS}
    expected = {(name, word) for name in names.values() for word in messages.names(name)} - NOT_HERE
    seen = set[tuple[TopicName, str]]()

    async def all_seen() -> bool:
        for record in await system.records(*names.values()):
            if record.topic.endswith(".task-events") and record.value == NO_EVENT:
                continue
            name = names[record.topic]
            found = messages.of(name, record.key, record.value, record.headers)
            assert len(found) == 1, (found, record)
            seen.add((name, found[0]))
        return seen >= expected

    try:
        await eventually(all_seen, "a record of every message", seconds=60)
    except AssertionError as error:
        raise AssertionError(f"{error}; not seen: {sorted(expected - seen)}") from None
