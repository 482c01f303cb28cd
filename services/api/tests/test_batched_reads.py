"""Reads that are asked for one by one, and done together."""

import asyncio
import contextvars
from collections.abc import Mapping, Sequence

import pytest

from tasker_api.batched_reads import BatchedReads


class Shelf:
    """Reads as a database does: it takes until it is let go on, and sees what is there when it begins."""

    def __init__(self) -> None:
        self.values: dict[int, str] = {}
        self.reads: list[list[int]] = []
        self.open = asyncio.Event()
        self.error: Exception | None = None

    async def read_many(self, keys: Sequence[int]) -> Mapping[int, str]:
        self.reads.append(sorted(keys))
        found = {key: self.values[key] for key in keys if key in self.values}
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return found


async def asked(reads: BatchedReads[int, str], *keys: int) -> list["asyncio.Task[str | None]"]:
    tasks = [asyncio.create_task(reads.read(key)) for key in keys]
    for _ in range(3):  # until each has asked, and the read has begun
        await asyncio.sleep(0)
    return tasks


async def test_what_is_asked_at_once_is_read_at_once() -> None:
    shelf = Shelf()
    shelf.values, reads = {1: "one", 2: "two"}, BatchedReads[int, str](shelf.read_many, 10)
    tasks = await asked(reads, 1, 2, 3, 2)
    shelf.open.set()
    assert await asyncio.gather(*tasks) == ["one", "two", None, "two"]
    assert shelf.reads == [[1, 2, 3]]


async def test_a_read_sees_what_was_written_before_it_was_asked_for() -> None:
    shelf = Shelf()
    reads = BatchedReads[int, str](shelf.read_many, 10)
    (early,) = await asked(reads, 1)
    shelf.values[1] = "written meanwhile"
    (late,) = await asked(reads, 1)
    shelf.open.set()
    assert (await early, await late) == (None, "written meanwhile")
    assert shelf.reads == [[1], [1]]


async def test_a_read_is_of_bounded_size() -> None:
    shelf = Shelf()
    shelf.values, reads = {key: str(key) for key in range(25)}, BatchedReads[int, str](shelf.read_many, 10)
    shelf.open.set()
    assert await asyncio.gather(*(reads.read(key) for key in range(25))) == [str(key) for key in range(25)]
    assert [len(keys) for keys in shelf.reads] == [10, 10, 5]


async def test_an_error_is_told_to_all_who_asked_and_the_next_are_read() -> None:
    shelf = Shelf()
    shelf.error, reads = ConnectionError("away"), BatchedReads[int, str](shelf.read_many, 10)
    tasks = await asked(reads, 1, 2)
    shelf.open.set()
    for task in tasks:
        with pytest.raises(ConnectionError, match="away"):
            await task
    shelf.error, shelf.values = None, {1: "one"}
    assert await reads.read(1) == "one"


async def test_one_who_gives_up_takes_it_from_nobody() -> None:
    shelf = Shelf()
    shelf.values, reads = {1: "one"}, BatchedReads[int, str](shelf.read_many, 10)
    patient, hasty = await asked(reads, 1, 1)
    hasty.cancel()
    shelf.open.set()
    assert await patient == "one"
    assert hasty.cancelled()


async def test_what_holds_for_the_first_who_asks_does_not_for_the_read() -> None:
    deadline = contextvars.ContextVar("deadline", default=30)
    seen: list[int] = []

    async def read_many(keys: Sequence[int]) -> Mapping[int, str]:
        seen.append(deadline.get())
        return dict.fromkeys(keys, "read")

    reads = BatchedReads[int, str](read_many, 10)
    deadline.set(1)
    assert await reads.read(1) == "read"
    assert seen == [30]
