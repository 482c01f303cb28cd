"""Whatever comes in, by REST or on a topic: taken and shown as it is or refused, and all goes on."""

import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any, Final

import httpx
import msgspec
from aiokafka import AIOKafkaProducer

from tasker_core.topics import PARTITIONS
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tests.corpora.json_texts import EITHER, INVALID, VALID
from tests.corpora.texts import TEXTS

JSON: Final = {"content-type": "application/json"}
CALENDAR: Final = {"content-type": "text/calendar"}
MANUAL: Final = b'{"schedule": {"manual": true}, "payload": %b}'
AT_ONCE: Final = asyncio.Semaphore(8)
SEED: Final = 20_261_129
ANYBODY_WRITES: Final = ("task-events", "results", "handlers", "dead-letters")
SECONDS: Final = 60
DONE: Final = (201, 202)
"""202: on a machine that is busy."""


class Shown(msgspec.Struct):
    """What carries a payload, as it stands there."""

    payload: msgspec.Raw = msgspec.Raw(b"null")
    task_id: str = ""
    type: str = ""


def payload_of(raw: bytes) -> bytes:
    return bytes(msgspec.json.decode(raw, type=Shown).payload)


def written(text: bytes) -> str:
    """JSON in one way of writing, which tells apart whatever differs: 1, 1.0 and true, -0.0 and 0.0."""
    return json.dumps(json.loads(text))


async def ask(client: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response:
    """An answer that is none of an error of Tasker's own."""
    async with AT_ONCE:
        answer = await client.request(method, path, **more)
    assert answer.status_code < 500, (method, path, more, answer.text)
    if answer.status_code >= 400:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["detail"], (method, path, more)
    return answer


async def payloads_by_rest(client: httpx.AsyncClient) -> None:
    """Each payload that is JSON is shown as it is, to REST and to the handler; the others are refused."""

    async def put(task_id: str, text: bytes, *, taken: bool) -> None:
        answer = await ask(client, "PUT", f"/tasks/{task_id}", content=MANUAL % text, headers=JSON)
        assert (answer.status_code in DONE) == taken, (task_id, text[:60], answer.text)
        for path, body in (("trigger", b'{"payload": %b}'), ("pause", b'{"note": %b}')):
            if not taken:
                refused = await ask(client, "POST", f"/tasks/known/{path}", content=body % text, headers=JSON)
                # Without a value there is still an object, of which nothing is known.
                assert refused.status_code in (400, 422), (path, text[:60], refused.text)

    known = await ask(client, "PUT", "/tasks/known", content=MANUAL % b"1", headers=JSON)
    assert known.status_code in DONE
    taken = (put(f"rest-{n}", text, taken=True) for n, text in enumerate(VALID.values()))
    refused = (put(f"refused-{n}", text, taken=False) for n, text in enumerate((INVALID | EITHER).values()))
    await asyncio.gather(*taken, *refused)


async def payloads_by_kafka(producer: Any, topic: str) -> None:
    """The same payloads, each in an event of its own."""
    for name, texts in (("kafka", VALID), ("odd", INVALID | EITHER)):
        for n, text in enumerate(texts.values()):
            task = b'{"id": "%b-%d", "schedule": {"manual": true}, "payload": %b}' % (name.encode(), n, text)
            await producer.send(topic, b'{"type": "put", "id": "%b-%d", "task": %b}' % (name.encode(), n, task))
    await producer.flush()


async def what_runs_get(client: httpx.AsyncClient, system: System) -> None:
    """What handlers receive is what REST shows and what was sent, to the last digit (1e20 may be written 1e+20)."""

    async def triggered(task_id: str, sent: bytes) -> None:
        async def there() -> bytes | None:
            answer = await ask(client, "GET", f"/tasks/{task_id}")
            return answer.content if answer.status_code == 200 else None

        shown[task_id] = written(payload_of(await eventually(there, f"the task {task_id}", SECONDS)))
        assert shown[task_id] == written(sent), task_id
        assert (await ask(client, "POST", f"/tasks/{task_id}/trigger")).status_code in (200, 202)

    shown = dict[str, str]()
    await asyncio.gather(
        *(triggered(f"{way}-{n}", text) for way in ("rest", "kafka") for n, text in enumerate(VALID.values()))
    )

    async def received() -> dict[str, str] | None:
        records = [msgspec.json.decode(one.value or b"", type=Shown) for one in await system.records("due-tasks")]
        found = {one.task_id: written(bytes(one.payload)) for one in records if one.type == "run"}
        return found if found.keys() >= shown.keys() else None

    runs = await eventually(received, "a run of each task", SECONDS)
    assert {name: runs[name] for name in shown} == shown


async def texts_everywhere(client: httpx.AsyncClient) -> None:
    """Each text in each place that takes one."""
    manual = {"schedule": {"manual": True}}

    async def told(n: int, text: str) -> None:
        await ask(client, "GET", "/tasks", params={"q": text, "tag": text})
        await ask(client, "GET", "/tasks", params={"handler": text, "cursor": text})
        await ask(client, "GET", f"/journal/{n}", params={"task_id": text})
        body = {**manual, "name": text, "description": text, "tags": [text], "payload": {text: text}}
        made = await ask(client, "PUT", f"/tasks/text-{n}", json=body)
        if made.status_code in (200, 201):
            task = made.json()
            found = (task["name"], task["description"], task["tags"], task["payload"])
            assert found == (text.strip() or f"text-{n}", text, [text.strip()], {text: text})
        else:
            assert await ask(client, "PUT", f"/tasks/text-{n}", json=manual)
        noted = await ask(client, "POST", f"/tasks/text-{n}/pause", json={"note": text})
        if noted.status_code == 200 and text:
            assert noted.json()["pause"]["note"] == text
        await ask(client, "PUT", f"/calendars/text-{n}", json={"days": [], "description": text})
        await ask(
            client, "PUT", f"/calendars/text-{n}", content=text.encode(), headers={"content-type": "text/calendar"}
        )
        for path in ("cancel", "revert", "backfills", "trigger"):
            await ask(client, "POST", f"/tasks/text-{n}/{path}", content=text.encode(), headers=JSON)
        await ask(client, "POST", "/callbacks/x.y", json={"outcome": text, "result": text, "error": {"message": text}})
        if text.isprintable() and text == text.strip():  # the client sends no others
            odd = [(name, text.encode()) for name in (b"Tasker-Actor", b"If-Match", b"Idempotency-Key")]
            for one in odd:
                await ask(client, "POST", f"/tasks/nobody-{n}/pause", headers=[one])

    await asyncio.gather(*(told(n, text) for n, text in enumerate(TEXTS)))


def hostile_records() -> Iterator[tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]]:
    """Keys, values and headers of records: random bytes, JSON of all kinds, and messages with one field spoilt."""
    random_ = random.Random(SEED)
    spoilt: list[Any] = [None, -1, 2**70, "", "x" * 5_000, [], {}, [[[]]], {"$gt": ""}, True, "2026-13-45"]
    message: dict[str, Any] = {
        "type": "run.finished", "run_id": "0" * 32, "task_id": "spoilt", "task_name": "s", "generation": 1,
        "version": 1,
        "kind": "scheduled", "nominal_at": "2026-01-01T00:00:00.000Z", "effective_at": "2026-01-01T00:00:00.000Z",
        "emitted_at": "2026-01-01T00:00:00.000Z", "outcome": "succeeded", "received_at": "2026-01-01T00:00:00.000Z",
        "finished_at": "2026-01-01T00:00:00.000Z", "worker": "w", "attempt": 1, "handler": "default", "payload": 1,
        "policy": {"timeout": "PT1M"}, "name": "spoilt", "group": "g", "payload_schema": {}, "task": {"id": "spoilt"},
    }  # fmt: skip
    for word in ("run.finished", "run.started", "handler", "put", "trigger", "retry", "wait", "report", "change-set"):
        for field in message:
            value = {**message, "type": word, field: random_.choice(spoilt)}
            yield b"spoilt", json.dumps(value).encode(), []
    for _ in range(100):
        key, value = random_.randbytes(random_.randrange(40)), random_.randbytes(random_.randrange(300))
        yield key, value, [("ce_type", random_.randbytes(8)), ("traceparent", random_.randbytes(8)), ("", b"")]
    for text in (VALID | INVALID | EITHER).values():
        yield None, text, []
    yield b"", None, []
    yield b"", b"", [("ce_type", b"tasker.put"), ("ce_specversion", b"\xff")]


async def records_on_every_topic(producer: Any, system: System) -> None:
    records = list(hostile_records())
    for topic in ANYBODY_WRITES:
        for n, (key, value, headers) in enumerate(records):
            partition = 0 if topic == "handlers" else n % PARTITIONS
            await producer.send(f"{system.topic_prefix}.{topic}", value, key=key, partition=partition, headers=headers)
    await producer.flush()


async def all_goes_on(client: httpx.AsyncClient, system: System, before: Sequence[int]) -> None:
    """The same processes are ready, a task in each partition runs and is logged, and each page can be read."""
    ids = [f"alive-{n}" for n in range(PARTITIONS * 4)]

    async def runs(task_id: str) -> None:
        made = await ask(client, "PUT", f"/tasks/{task_id}", json={"schedule": {"manual": True}})
        assert made.status_code in DONE, made.text
        await ask(client, "POST", f"/tasks/{task_id}/trigger")

        async def logged() -> bool:
            found = (await ask(client, "GET", f"/tasks/{task_id}/runs")).json()["items"]
            return bool(found) and found[0]["state"] == "succeeded"

        await eventually(logged, f"a run of {task_id}", SECONDS)

    await asyncio.gather(*(runs(task_id) for task_id in ids))
    await system.wait_ready()
    assert [system.pid(service) for service in system.metrics_ports] == before
    for path in (
        "/tasks",
        "/runs",
        "/handlers",
        "/dead-letters",
        "/calendars",
        "/system",
        "/stats/promise",
        "/change-sets",
    ):
        assert (await ask(client, "GET", path)).status_code == 200, path


async def test_whatever_comes_in_is_taken_as_it_is_or_refused_and_all_goes_on(system: System) -> None:
    before = [system.pid(service) for service in system.metrics_ports]
    plain: Any = AIOKafkaProducer(bootstrap_servers=system.kafka)
    async with system.client(SECONDS) as client, plain as producer:
        await payloads_by_kafka(producer, f"{system.topic_prefix}.task-events")
        await payloads_by_rest(client)
        await what_runs_get(client, system)
        await texts_everywhere(client)
        await records_on_every_topic(producer, system)
        await all_goes_on(client, system, before)
