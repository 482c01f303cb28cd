"""Moves follow what is applied: none is noted before it is made, none is lost, and they give way to a burst."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import cast

import structlog

from tasker_log_sink.consuming.decoding import read
from tasker_log_sink.progress_writer import CHUNK, ProgressWriter
from tasker_log_sink.projection.task_progress import RunProgress, TaskProgress
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_log_sink.testing.messages import finished
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

HERE = TopicPartition("r", 0)


def move(task_id: str, nominal: float) -> TaskProgress:
    """Where the run of one second brings a task."""
    facts = read("results", finished(f"{task_id}-{nominal}", task_id, 3, nominal))
    assert facts.run is not None
    assert facts.told is not None
    return TaskProgress(facts.told, RunProgress.of(facts.run))


class Kept:
    """A store that keeps what is told, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.moves: dict[str, TaskProgress] = {}
        self.noted: dict[TopicPartition, int] = {}
        self.fails = 0

    async def move(self, moves: Mapping[str, TaskProgress], now: datetime) -> None:
        if self.fails:
            self.fails -= 1
            raise PyMongoError("away")
        self.moves |= moves

    async def moved(self, reached: Mapping[TopicPartition, int]) -> None:
        self.noted |= reached


def trail_of(store: Kept) -> tuple[ProgressWriter, Health]:
    health = Health()
    log: Log = structlog.get_logger()
    return ProgressWriter(cast("ProjectionStore", store), SystemClock(), health, log), health


async def test_moves_are_made_and_then_noted() -> None:
    store = Kept()
    trail, _ = trail_of(store)
    trail.add({"a": move("a", 20), "b": move("b", 20)}, {HERE: 2})
    trail.add({"a": move("a", 19)}, {HERE: 3})
    await trail.finish()
    assert store.moves == {"a": move("a", 20), "b": move("b", 20)}
    assert store.noted == {HERE: 3}


async def test_nothing_is_noted_before_it_is_made() -> None:
    store = Kept()
    trail, health = trail_of(store)
    store.fails = 1
    many = {f"t{n}": move(f"t{n}", 20) for n in range(CHUNK + 1)}
    trail.add(many, {HERE: 9})
    following = asyncio.create_task(trail.follow(0))
    async with asyncio.timeout(5):
        while health.report()[1]:
            await asyncio.sleep(0)
    trail.add({"t0": move("t0", 21)}, {HERE: 10})
    await trail._note()  # pyright: ignore[reportPrivateUsage] -- as when the time to note has come
    assert store.noted == {}
    following.cancel()
    await asyncio.wait({following})
    await trail.finish()
    assert store.moves == many | {"t0": move("t0", 21)}
    assert store.noted == {HERE: 10}
    assert health.report()[1]


async def test_moves_give_way_to_a_burst() -> None:
    store, pressed = Kept(), True
    trail, _ = trail_of(store)
    trail.pressed = lambda: pressed
    trail.add({"a": move("a", 20)}, {HERE: 1})
    following = asyncio.create_task(trail.follow(0))
    for _ in range(10):
        await asyncio.sleep(0)
    assert store.moves == {}
    pressed = False
    await following
    assert set(store.moves) == {"a"}
