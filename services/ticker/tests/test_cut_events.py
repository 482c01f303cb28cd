"""A log of events that has lost its end: its owner goes on where it ends, whenever it looks."""

from tasker_core.messages.base import encode
from tasker_core.messages.watermark import Watermark
from tasker_core.time.instant import rfc3339_second
from tasker_ticker.testing.lone_ticker import EVENTS, LoneTicker, until
from tasker_ticker.testing.partition_harness import NOON
from tasker_ticker.testing.virtual_time import run_in_virtual_time

READ, LEFT, BASE = 1_000, 990, 7


async def _own_twice() -> LoneTicker:
    """Its first batch fails, and until it is owned again so many events come as are lost."""
    ticker = LoneTicker(failures=1)
    mark = Watermark(time=rfc3339_second(NOON), next_offset=READ, base=BASE, turn=1, owner="o")
    ticker.marks.append(b"0", encode(mark), markers=1)
    ticker.events.end = LEFT
    async with ticker.prefetched():
        await ticker.be_given(0)
        await until(lambda: bool(ticker.sent) or bool(ticker.log.fields_of("owner discarded")))
        ticker.events.end = READ
        await until(lambda: len(ticker.log.fields_of("owned")) + len(ticker.log.fields_of("owner discarded")) > 2)
    return ticker


def test_every_owner_goes_on_at_the_same_offset_with_versions_that_only_grow() -> None:
    ticker = run_in_virtual_time(_own_twice())
    first = ticker.sent[0]
    assert (first.next_offset, first.base) == (LEFT, BASE + READ - LEFT)
    assert [fields["behind"] for fields in ticker.log.fields_of("owned")] == [0, READ - LEFT]
    assert ticker.readers[-1].sought[EVENTS] == LEFT


def test_what_is_lost_is_counted_once() -> None:
    assert run_in_virtual_time(_own_twice()).lost == [READ - LEFT]
