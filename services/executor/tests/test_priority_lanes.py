"""Which lane starts: live first, and neither lane can block the other."""

from hypothesis import given
from hypothesis import strategies as st

from tasker_executor.partition.priority_lanes import BACKGROUND_EVERY, LANES, Lane, LaneBalancer


def starts(size: int, count: int, waiting: dict[Lane, bool]) -> list[Lane | None]:
    balancer, none = LaneBalancer(size), dict.fromkeys(LANES, 0)
    return [balancer.next_lane(waiting, none) for _ in range(count)]


def test_live_goes_first_and_the_background_gets_one_in_eight() -> None:
    got = starts(200, 80, {"live": True, "background": True})
    assert got.count("background") == 80 // BACKGROUND_EVERY
    assert got[: BACKGROUND_EVERY - 1] == ["live"] * (BACKGROUND_EVERY - 1)


def test_who_is_alone_waits_for_nobody() -> None:
    assert starts(2, 5, {"live": True, "background": False}) == ["live"] * 5
    assert starts(2, 5, {"live": False, "background": True}) == ["background"] * 5


def test_both_lanes_live_on_a_single_slot() -> None:
    assert set(starts(1, BACKGROUND_EVERY, {"live": True, "background": True})) == set(LANES)


@given(st.integers(1, 50), st.lists(st.sampled_from(["live", "background", "end"]), max_size=300), st.booleans())
def test_never_more_than_there_are_slots_and_half_of_them_in_the_background(
    size: int, events: list[str], live: bool
) -> None:
    balancer = LaneBalancer(size)
    busy: dict[Lane, int] = dict.fromkeys(LANES, 0)
    for event in events:
        if event == "end":
            over: Lane = "live" if busy["live"] else "background"
            busy[over] = max(0, busy[over] - 1)
            continue
        got = balancer.next_lane({"live": live, "background": True}, busy)
        if got:
            busy[got] += 1
        assert sum(busy.values()) <= size
        assert busy["background"] <= max(1, size // 2)
        assert got or sum(busy.values()) == size or not live
