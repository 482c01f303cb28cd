"""Whatever the order in which topics are read, however often they are read again: the same documents.

One suite runs on the model and on MongoDB. Histories are made up as the ticker and executors write them: each topic in
its order. The outcome is compared with that of reading it all once, and with what the history itself says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasker_core.messages import Finished, Missed, Removed, encode
from tasker_log_sink.consuming.decoding import DecodedRecord, read
from tasker_log_sink.projection.batch_projection import CollectionName
from tasker_log_sink.projection.task_progress import TaskProgress
from tasker_log_sink.projection.tasks import Document
from tasker_log_sink.store.collection_setup import prepare
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_log_sink.testing.messages import (
    NAMES,
    InMemoryStore,
    at,
    ended,
    finished,
    started,
    unclocked,
    verdict,
    when,
)
from tasker_runtime.mongo import Mongo

Topic = Literal["verdicts", "results"]
NOW = when(5000)


class Collections(Protocol):
    """What facts are applied to."""

    async def apply(self, facts: Sequence[DecodedRecord], now: Any) -> dict[str, TaskProgress]: ...
    async def move(self, moves: dict[str, TaskProgress], now: Any) -> None: ...
    async def all(self) -> dict[CollectionName, dict[str, Document]]: ...


class Real:
    """MongoDB as the model's equal."""

    def __init__(self, mongo: Mongo) -> None:
        self.mongo, self.store = mongo, ProjectionStore(mongo, "cluster")

    async def apply(self, facts: Sequence[DecodedRecord], now: Any) -> dict[str, TaskProgress]:
        return await self.store.apply([], facts, now)

    async def move(self, moves: dict[str, TaskProgress], now: Any) -> None:
        if moves:
            await self.store.move(moves, now)

    async def all(self) -> dict[CollectionName, dict[str, Document]]:
        return {
            name: {document["_id"]: document for document in await self.mongo.database[name].find().to_list(None)}
            for name in NAMES
        }


@dataclass
class History:
    """One task's life as it comes to be written; `standing` is None while there is no task."""

    task_id: str
    time: int = 10
    version: int = 0
    standing: tuple[int, int] | None = None
    paused: bool = False
    over: bool = False
    created: int = 0
    topics: dict[Topic, list[bytes]] = field(default_factory=lambda: {"verdicts": [], "results": []})
    last: str | None = None
    outcome: str = "succeeded"
    runs: int = 0

    def next_at(self) -> str | None:
        return None if self.paused or self.over or self.standing is None else at(self.time + 1)

    def event(self, event_type: str) -> None:
        """An event at a second of its own, as the ticker answers it."""
        self.time += 1
        self.version += 3
        if self.standing is None and event_type != "put":
            told = verdict(self.task_id, self.version, 0, event_id=f"e{self.version}", verdict="rejected", task=None)
            self.topics["verdicts"].append(told)
            return
        trigger, delete = event_type == "trigger", event_type == "delete"
        if self.standing is None:
            self.created, self.paused = self.time, False
        generation = self.standing[0] if self.standing else self.version
        version = self.standing[1] if self.standing and trigger else self.version
        self.paused = {"pause": True, "resume": False}.get(event_type, self.paused)
        self.over = self.over and event_type not in ("put", "delete")
        self.standing = None if delete else (generation, version)
        self.topics["verdicts"].append(
            verdict(
                self.task_id,
                version,
                self.time,
                event_id=f"e{self.version}",
                event_type=event_type,
                generation=generation,
                task=None if delete else {"paused": self.paused},
                next_at=self.next_at(),
            )
        )
        if trigger:
            self.run("manual")

    def run(
        self,
        kind: str = "scheduled",
        start: bool = False,
        retry: bool = False,
        twice: bool = False,
        cancelled: bool = False,
    ) -> None:
        """A run, due at a second of its own unless it was triggered."""
        if self.standing is None or (kind == "scheduled" and self.paused):
            return
        self.time += kind == "scheduled"
        self.runs += 1
        self.last = f"{self.task_id}-{self.runs:03d}"
        told: dict[str, Any] = {"kind": kind, "generation": self.standing[0], "next_at": self.next_at()}
        place = (self.last, self.task_id, self.standing[1], self.time)
        results = self.topics["results"]
        if start:
            results.append(started(*place, **told))
        self.outcome = "cancelled" if cancelled else "succeeded"
        if retry or cancelled:
            results.append(finished(*place, **told, outcome="failed", retry_at=at(self.time + 5)))
            told["attempt"] = 2
        if cancelled:
            self.topics["verdicts"].append(ended(*place, kind=kind, generation=told["generation"]))
            return
        results.append(finished(*place, **told))
        if twice:
            results.append(finished(*place, **told, worker="other", outcome="failed"))

    def miss(self) -> None:
        """Two seconds in which nothing ran."""
        if self.standing and not self.paused and not self.over:
            self.time += 2
            generation, version = self.standing
            gap = (at(self.time - 1), at(self.time))
            message = Missed(
                task_id=self.task_id,
                generation=generation,
                version=version,
                reason="coalesced",
                from_=gap[0],
                to=gap[1],
                next_at=self.next_at(),
            )
            self.topics["verdicts"].append(encode(message))

    def finish(self) -> None:
        """The last run, and that there is none after it."""
        if self.standing and not self.paused and not self.over:
            self.over, generation, version = True, *self.standing
            self.run("scheduled")
            self.topics["verdicts"].append(
                encode(
                    Finished(
                        task_id=self.task_id,
                        generation=generation,
                        version=version,
                        reason="once",
                        last_nominal=at(self.time),
                    )
                )
            )

    def remove(self) -> None:
        """The retention of a finished task is over."""
        if self.standing and self.over:
            message = Removed(task_id=self.task_id, generation=self.standing[0], version=self.standing[1])
            self.topics["verdicts"].append(encode(message))
            self.standing, self.over = None, False

    def check(self, task: Document) -> None:
        """Compare what is stored with what happened."""
        assert task["deleted"] == (self.standing is None)
        assert (task["last_run"]["run_id"] if task["last_run"] else None) == self.last
        if self.last is not None:
            assert task["last_run"]["state"] == self.outcome
        if self.standing is not None:
            assert (task["generation"], task["version"]) == self.standing
            assert task["state"] == ("paused" if self.paused else "finished" if self.over else "active")
            assert task["created_at"] == when(self.created)
            assert task["next_at"] == (None if self.paused or self.over else when(self.time + 1))


DEEDS: list[Callable[[History], object]] = [
    *(lambda h, e=event: h.event(e) for event in ("put", "put", "delete", "pause", "resume", "trigger")),
    lambda h: h.over or h.run(),
    lambda h: h.over or h.run(start=True),
    lambda h: h.over or h.run(retry=True),
    lambda h: h.over or h.run(twice=True),
    lambda h: h.over or h.run(start=True, cancelled=True),
    History.miss,
    History.finish,
    History.remove,
]


@st.composite
def histories(draw: st.DrawFn) -> list[History]:
    """Two tasks' lives, each begun with a put."""
    found = [History("a"), History("b")]
    for history in found:
        history.event("put")
        for deed in draw(st.lists(st.sampled_from(DEEDS), max_size=14)):
            deed(history)
    return found


async def read_once(collections: Collections, written: dict[Topic, list[bytes]]) -> None:
    for topic in written:
        facts = [read(topic, value) for value in written[topic]]
        await collections.move(await collections.apply(facts, NOW), NOW)


async def read_somehow(collections: Collections, written: dict[Topic, list[bytes]], data: st.DataObject) -> None:
    """In batches of any topics, going back in a topic now and then, the moves made late and in any order."""
    reached: dict[Topic, int] = {"verdicts": 0, "results": 0}
    late: list[dict[str, TaskProgress]] = []
    for _ in range(12):
        facts: list[DecodedRecord] = []
        for topic, values in written.items():
            start = max(0, reached[topic] - data.draw(st.sampled_from([0, 0, 3, 100])))
            end = min(len(values), start + data.draw(st.integers(0, 9)))
            facts += [read(topic, value) for value in values[start:end]]
            reached[topic] = max(reached[topic], end)
        late.append(await collections.apply(facts, NOW))
        if data.draw(st.booleans()):
            await collections.move(late.pop(data.draw(st.integers(0, len(late) - 1))), NOW)
    for topic in data.draw(st.permutations(list(written))):
        late.append(await collections.apply([read(topic, value) for value in written[topic][reached[topic] :]], NOW))
    for moves in data.draw(st.permutations(late)):
        await collections.move(moves, NOW)


async def compare(found: list[History], data: st.DataObject, one: Collections, other: Collections) -> None:
    written: dict[Topic, list[bytes]] = {"verdicts": [], "results": []}
    for history in found:
        for topic, values in history.topics.items():
            written[topic] += values
    await read_once(one, written)
    await read_somehow(other, written, data)
    stored = await other.all()
    assert unclocked(await one.all()) == unclocked(stored)
    for history in found:
        history.check(stored["tasks"][history.task_id])


@settings(max_examples=200, deadline=None)
@given(histories(), st.data())
async def test_any_order_gives_the_same_documents(found: list[History], data: st.DataObject) -> None:
    await compare(found, data, InMemoryStore(), InMemoryStore())


@pytest.fixture(scope="session")
async def real(mongodb: str) -> Any:
    mongo = Mongo(mongodb.replace("/tasker?", f"/t{uuid4().hex[:10]}?"))
    await prepare(mongo)
    found = Real(mongo)
    await found.store.open()
    yield found
    await mongo.client.drop_database(mongo.database.name)
    mongo.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(), st.data())
async def test_mongodb_gives_the_documents_of_the_model(real: Real, found: list[History], data: st.DataObject) -> None:
    for name in NAMES:
        await real.mongo.database[name].delete_many({})
    await compare(found, data, InMemoryStore(), real)
