"""What a member reads ahead is good for the partitions that it is given then, and not for ever."""

from tasker_ticker.testing.lone_ticker import LoneTicker
from tasker_ticker.testing.stored_log import stored_task

RETENTION_OF_TOMBSTONES_MS = 7 * 86_400_000


async def test_what_was_prefetched_is_read_on() -> None:
    ticker = LoneTicker()
    ticker.state.append(*stored_task("old"), markers=1)
    async with ticker.prefetched():
        ticker.state.append(*stored_task("young"))
        await ticker.be_given(0)
        assert await ticker.tasks() == 2
        assert len(ticker.readers) == 2


async def test_a_member_without_partitions_keeps_nothing() -> None:
    ticker = LoneTicker()
    ticker.state.append(*stored_task("old"), markers=1)
    async with ticker.prefetched():
        await ticker.be_given()
        ticker.compact()
        await ticker.be_given(0)
        assert await ticker.tasks() == 1


async def test_what_was_prefetched_long_ago_is_read_anew() -> None:
    ticker = LoneTicker()
    ticker.state.append(*stored_task("old"), markers=1)
    async with ticker.prefetched():
        ticker.compact()
        ticker.now += RETENTION_OF_TOMBSTONES_MS
        await ticker.be_given(0)
        assert await ticker.tasks() == 1
