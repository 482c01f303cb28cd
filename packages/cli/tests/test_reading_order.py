"""In which order topics and log are read, while all goes on: what is seen has its cause in something that was read."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from tasker_cli.testing import FROM, RecordedWorld, first_of, logged_run, nominal, run_id, violations
from tasker_cli.verify.audit_scope import AuditScope, PartitionScope
from tasker_cli.verify.partition_audit import PartitionAudit, PartitionResult
from tasker_cli.verify.reading.topic_reader import Handle, TopicReader
from tasker_runtime.mongo import Mongo

Json = dict[str, Any]


class KeptRecord(NamedTuple):
    """A record as the consumer gives it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes
    value: bytes
    headers: tuple[()] = ()


class GrowingTopics(TopicReader):
    """Topics in memory. `read_at` are the topics in the order in which they, and the collections, are read; what
    `later` has of a topic is there once the collection `missed` was read."""

    def __init__(self, topics: dict[str, list[tuple[Json, int]]], later: dict[str, list[tuple[Json, int]]]) -> None:
        self._topics, self.later, self.read_at = topics, later, list[str]()

    async def read(
        self, topic: str, partition: int, handle: Handle, *, from_ms: int | None = None, from_offset: int | None = None
    ) -> int:
        """As TopicReader says."""
        name = topic.removeprefix("t.")
        self.read_at.append(name)
        known = self._topics.get(name, [])
        if "missed" in self.read_at:
            known = known + self.later.get(name, [])
        records = [
            KeptRecord(topic, partition, n, (FROM + at) * 1000, message.get("task_id", "").encode(), _json(message))
            for n, (message, at) in enumerate(known)
        ]
        handle(records[from_offset or 0 :])
        return len(records)


class LoggedWorld:
    """MongoDB with a world's documents; notes which collections are read."""

    def __init__(self, world: RecordedWorld, read_at: list[str]) -> None:
        self._world, self._read_at = world, read_at

    def majority(self, name: str, *, naive: bool = False) -> "LoggedWorld":
        del naive
        self._read_at.append(name)
        return self

    def find(self, matching: Json, *_: Any, **__: Any) -> "Cursor":
        if self._read_at[-1] == "missed":
            found = [
                {"task_id": task, "from_at": _date(first), "to_at": _date(last), "reason": reason}
                for task, first, last, reason in self._world.missed
            ]
        elif self._read_at[-1] == "runs" and "task_id" in matching:
            found = [{"_id": run[0], **run._asdict()} for run in map(logged_run, self._world.runs.values())]
        else:
            found = list[Json]()
        return Cursor(found)


class Cursor:
    """Some documents."""

    def __init__(self, documents: Sequence[Json]) -> None:
        self._documents = list(documents)

    async def to_list(self, _: int) -> list[Json]:
        found, self._documents = self._documents, []
        return found

    async def __aiter__(self) -> AsyncIterator[Json]:
        for one in self._documents:
            yield one


def _date(second: int) -> datetime:
    return datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(seconds=second)


def _json(message: Json) -> bytes:
    return json.dumps(message).encode()


async def audited(world: RecordedWorld, later: dict[str, list[tuple[Json, int]]]) -> tuple[PartitionResult, list[str]]:
    """What an audit of 20 seconds, at the 60th, finds in a world; and in which order it reads."""
    due = [(n in world.background, one) for n, one in enumerate(world.due)]
    topics = {
        "watermarks": world.watermarks,
        "verdicts": world.verdicts,
        "due-tasks": [one for is_late, one in due if not is_late],
        "due-background": [one for is_late, one in due if is_late],
        "results": world.results,
    }
    reader = GrowingTopics(topics, later)
    scope = PartitionScope(AuditScope(), 0, (("t", 1),), FROM, FROM + 20, (FROM + 45) * 1000, ("a",), world.calendars)
    mongo: Any = LoggedWorld(world, reader.read_at)
    audit = PartitionAudit(
        scope, reader, cast("Mongo", mongo), lambda: (FROM + 60) * 1000, lambda _topic, _number: None
    )
    return await audit.run(), reader.read_at


async def test_each_effect_is_read_between_two_looks_for_its_cause() -> None:
    world = RecordedWorld()
    world.verdict("a", "put", 0)
    for n in range(1, 21):
        world.carry_out("a", n)
        world.watermark(n)
    found, read_at = await audited(world, {})
    assert violations(found.findings) == {}
    assert found.findings.counted["due"] == 20
    firsts = [read_at.index(name) for name in ("watermarks", "verdicts", "due-tasks", "results", "runs", "missed")]
    assert firsts == sorted(firsts)
    assert read_at.index("due-background") < read_at.index("results")
    last = {name: len(read_at) - 1 - read_at[::-1].index(name) for name in set(read_at)}
    assert last["runs"] < last["results"] < last["verdicts"]
    assert last["watermarks"] == 0


async def test_what_the_ticker_has_ended_since_its_verdicts_were_read_may_be_logged_so() -> None:
    world = RecordedWorld()
    world.verdict("a", "put", 0)
    for n in range(1, 21):
        world.carry_out("a", n)
        world.watermark(n)
    place = first_of(world.results, "a", 7)
    world.results[place] = (world.results[place][0] | {"outcome": "failed", "retry_at": nominal(300)}, 7)
    world.runs[run_id("a", 7)]["state"] = "cancelled"
    found, _ = await audited(world, {})
    assert violations(found.findings) == {"wrongly_logged": 1}
    ended = {
        "type": "ended",
        "run_id": run_id("a", 7),
        "nominal_at": nominal(7),
        "outcome": "cancelled",
        "task_id": "a",
    }
    found, _ = await audited(world, {"verdicts": [(ended, 50)]})
    assert violations(found.findings) == {}


async def test_a_catch_up_that_goes_on_while_it_is_read_makes_nothing_wrong() -> None:
    world = RecordedWorld()
    world.verdict("a", "put", 0)
    world.carry_out("a", 1)
    world.watermark(1)
    world.watermark(20, after=21, catch_up=[{"from": nominal(1), "to": nominal(18), "after_task": "0"}])
    world.watermark(45, after=1, catch_up=[{"from": nominal(1), "to": nominal(18), "after_task": "0"}])
    for n in (5, 19, 20):
        world.carry_out("a", n, after=41 - n)
        world.background.add(len(world.due) - 1)
    emitted = world.due.pop(first_of(world.due, "a", 5))
    world.background = {place - 1 for place in world.background}
    world.missed.append(("a", FROM + 2, FROM + 4, "coalesced"))
    message = {"type": "missed", "task_id": "a", "from": nominal(2), "to": nominal(4), "reason": "coalesced"}
    found, _ = await audited(world, {"due-background": [emitted], "verdicts": [(message, 50)]})
    assert violations(found.findings) == {}
    assert found.findings.unaudited == {"occurrences in an outage that the ticker is still working off": 17}
