"""The job that carries a change-set out, on a real database, while Kafka or MongoDB are away for moments."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from tasker_api.change_sets.change_set_job import LOOK_MS, ChangeSetJob, ChangeSetOrder, JobParts
from tasker_api.change_sets.portions import Item, Portion
from tasker_api.queries.change_sets import ChangeSetQueries
from tasker_api.testing.answering_producer import AnsweringProducer
from tasker_api.testing.document_writer import NOON
from tasker_api.testing.running_api import RunningApi
from tasker_core.documents.change_sets import ChangeSetDocument
from tasker_core.messages.change_sets import ChangeSetCounts
from tasker_devstack.polling import eventually
from tasker_runtime.clock import SystemClock
from tasker_runtime.logs import configure
from tasker_runtime.mongo import PyMongoError

MOVE = "move"
TASKS = [f"t{number:02}" for number in range(30)]
PORTION = 10


class Pauses:
    """A PortionSource: pauses tasks, in the order of their ids. It waits before what `held` names."""

    def __init__(self, held: str | None = None) -> None:
        self.held, self.going_on, self.closed = held, asyncio.Event(), False

    async def portions(self, after: str | None) -> AsyncGenerator[Portion]:
        """As PortionSource says."""
        for start in range(0, len(TASKS), PORTION):
            some = TASKS[start : start + PORTION]
            if after is None or some[-1] > after:
                if self.held in some:
                    await self.going_on.wait()
                yield Portion(some[-1], [Item(one, "pause", {"task_id": one}, 1) for one in some])

    async def total(self) -> int:
        """As PortionSource says."""
        return len(TASKS)

    def close(self) -> None:
        """As PortionSource says."""
        self.closed = True


class AheadClock:
    """The machine's clock, ahead by what a test adds."""

    ahead_ms = 0

    def now_ms(self) -> int:
        """As Clock says."""
        return SystemClock().now_ms() + self.ahead_ms


class FailingQueries(ChangeSetQueries):
    """Reads that fail so many times each, once they are told to."""

    counts_fail = 0
    before_answered: Any = None

    async def counts(self, change_set: str) -> ChangeSetCounts:
        """As ChangeSetQueries says."""
        if self.counts_fail:
            self.counts_fail -= 1
            raise PyMongoError("a new primary is being elected")
        return await super().counts(change_set)

    async def answered(self, entries: Sequence[str]) -> set[str]:
        """As ChangeSetQueries says."""
        found = await super().answered(entries)
        if self.before_answered is not None:
            await self.before_answered()
        return found


class Carried:
    """A job, and what surrounds it."""

    def __init__(self, api: RunningApi, source: Pauses, *, resumed: bool = False) -> None:
        self.producer = AnsweringProducer(api.documents, api.verdicts)
        self.queries, self.clock = FailingQueries(api.mongo), AheadClock()
        log = configure("api", "console")
        parts = JobParts(self.producer, "events", api.verdicts, self.queries, self.clock, "api-1", log)
        asked: ChangeSetDocument = {
            "_id": MOVE, "first_version": 0, "actor": None, "channel": "rest", "note": None, "created_at": NOON,
            "updated_at": NOON, "state": "running", "state_version": 0, "versions": {}, "kind": "bulk",
            "action": "pause", "logged_at": NOON,
        }  # fmt: skip
        self.job = ChangeSetJob(parts, ChangeSetOrder(asked, lambda _: source, resumed))

    async def ending(self, seconds: float = 20) -> str:
        """How it ends, once the log shows it as this job's."""
        await self.producer.show(MOVE, owner=self.job.owner)
        async with asyncio.timeout(seconds):
            return await self.job.run()

    @property
    def last(self) -> dict[str, Any]:
        """What was stated last."""
        return self.producer.statements[-1]


async def test_what_was_taken_before_kafka_went_away_is_waited_for_no_more(api: RunningApi) -> None:
    """The log has one verdict on each event, however often it is published."""
    carried = Carried(api, Pauses())
    carried.producer.takes = 7
    assert await carried.ending() == "done"
    assert carried.producer.items == TASKS, "what is answered is not published again"
    assert carried.last["counts"]["accepted"] == len(TASKS)
    assert carried.last["progress"]["published"] == len(TASKS)


@pytest.mark.parametrize("answered_late", [False, True])
async def test_a_verdict_that_comes_while_it_is_asked_for_is_not_missed(
    api: RunningApi, *, answered_late: bool
) -> None:
    """One that goes on finds what the one before it had published."""
    carried = Carried(api, Pauses(), resumed=True)
    late = {"type": "pause", "task_id": TASKS[3], "id": f"{MOVE}/{TASKS[3]}", "change_set": MOVE}

    async def answer() -> None:
        carried.queries.before_answered = None
        await carried.producer.answer(late)

    if answered_late:
        carried.queries.before_answered = answer
    else:
        await answer()
    assert await carried.ending() == "done"
    assert sorted(carried.producer.items) == TASKS
    assert carried.last["counts"]["accepted"] == len(TASKS)


async def test_what_is_cancelled_is_counted_though_the_database_fails_and_kafka_does(api: RunningApi) -> None:
    source = Pauses(held=TASKS[PORTION])
    carried = Carried(api, source)
    carried.queries.counts_fail, carried.producer.lost_state = 1, "cancelled"
    async with asyncio.TaskGroup() as group:
        ending = group.create_task(carried.ending())

        async def first_portion() -> bool:
            return len(carried.producer.items) == PORTION

        await eventually(first_portion, "the first portion")
        await carried.producer.show(MOVE, state="cancelled")
        carried.clock.ahead_ms = LOOK_MS
        source.going_on.set()
    assert ending.result() == "cancelled"
    assert (carried.last["state"], carried.last["counts"]["accepted"]) == ("cancelled", len(carried.producer.items))
    assert source.closed


async def test_how_many_are_published_is_stated_before_they_are(api: RunningApi) -> None:
    """Also of those of which Kafka took a part: whoever undoes what a dead process did must know of each."""
    carried = Carried(api, Pauses())
    carried.producer.takes = 3
    assert await carried.ending() == "done"
    assert carried.producer.stated == [10] * 10 + [20] * 10 + [30] * 10


async def test_it_ends_when_the_log_shows_it_as_another_one_s(api: RunningApi) -> None:
    """The request of another process under the same id was taken first: what it asks for is carried out there."""
    carried = Carried(api, Pauses())
    await carried.producer.show(MOVE, owner="api-2 other")
    async with asyncio.timeout(20):
        assert await carried.job.run() == "taken over"
    assert not carried.producer.items
