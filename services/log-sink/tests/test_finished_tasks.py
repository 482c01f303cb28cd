"""When a task is finished: no occurrence is left, and of the last one there is an outcome, whatever is read first."""

from itertools import permutations
from typing import Any

from tasker_core.messages.base import encode
from tasker_core.messages.verdicts import Finished, Missed
from tasker_log_sink.testing.messages import at, ended, finished, started, verdict, when
from tasker_log_sink.testing.stores import applied


async def task(*messages: bytes) -> dict[str, Any]:
    return (await applied(*messages)).documents["tasks"]["t"]


def over(version: int, last: float) -> bytes:
    return encode(Finished(task_id="t", generation=1, version=version, reason="once", last_nominal=at(last)))


async def test_a_task_is_not_finished_before_its_last_occurrence_has_an_outcome() -> None:
    made, last = verdict("t", 3, 10, next_at=at(20)), {"generation": 3, "next_at": None}
    for messages in ([made, over(3, 20)], [over(3, 20), made]):
        found = await task(*messages)
        assert (found["state"], found["next_at"]) == ("active", when(20)), "no executor has told anything of it"
    unfinished = (
        started("r", "t", 3, 20, **last),
        started("r", "t", 3, 20, **last, waiting_until=at(90)),
        finished("r", "t", 3, 20, **last, outcome="failed", retry_at=at(30)),
    )
    for report in unfinished:
        for messages in permutations((made, over(3, 20), report)):
            found = await task(*messages)
            assert (found["state"], found["next_at"]) == ("active", None), "it was begun, but has not ended"
            ends = (
                finished("r", "t", 3, 20, **last, outcome="failed", attempt=2),
                ended("r", "t", 3, 20, generation=3),
            )
            for end in ends:
                assert (await task(*messages, end))["state"] == "finished"
    by_hand = verdict("t", 3, 40, generation=3, event_type="trigger", run_id="m", next_at=None)
    for messages in permutations((made, over(3, 20), by_hand)):
        assert (await task(*messages))["next_at"] == when(20), "what is asked for by hand says nothing of it"
    skipped = finished("r", "t", 3, 20, **last, outcome="skipped", started_at=None)
    for messages in permutations((made, over(3, 20), skipped)):
        assert (await task(*messages))["state"] == "finished"


async def test_a_task_is_finished_once_its_last_occurrence_was_missed() -> None:
    gap = Missed(task_id="t", generation=3, version=3, reason="too_old", from_=at(20), to=at(20))
    for messages in permutations((verdict("t", 3, 10, next_at=at(20)), encode(gap), over(3, 20))):
        found = await task(*messages)
        assert (found["state"], found["next_at"]) == ("finished", None)


async def test_what_comes_after_the_last_occurrence_is_not_awaited() -> None:
    """As where the last run of `max_runs` is made at once under a new definition: its verdict says what follows."""
    found = await task(verdict("t", 3, 10), over(3, 9))
    assert (found["state"], found["next_at"]) == ("finished", None)
    for messages in permutations((verdict("t", 3, 10), over(3, 9), verdict("t", 4, 40, generation=3))):
        found = await task(*messages)
        assert (found["state"], found["next_at"]) == ("active", when(41))


async def test_runs_of_a_task_that_was_made_anew_are_not_waited_for() -> None:
    going = started("r", "t", 3, 20, generation=3, next_at=None)
    for messages in permutations((going, over(9, 100), verdict("t", 9, 90, generation=9, next_at=None))):
        assert (await task(*messages))["state"] == "finished"


async def test_a_finished_task_is_revived_by_a_later_put_alone() -> None:
    found = await task(over(3, 20), verdict("t", 3, 10, next_at=at(20)), finished("r", "t", 3, 20, next_at=None))
    assert (found["state"], found["next_at"]) == ("finished", None)
    assert (await task(verdict("t", 4, 40, generation=3), over(3, 20)))["state"] == "active"
    assert (await task(verdict("t", 3, 10), over(3, 20), verdict("t", 4, 40, generation=3)))["state"] == "active"


async def test_a_finished_task_with_another_name_is_still_finished() -> None:
    assert (await task(verdict("t", 3, 10), over(3, 20), verdict("t", 4, 40, next_at=None)))["state"] == "finished"
