"""Whatever the order and the cut of batches, however often they come again: each run counts once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasker_core.messages.base import encode
from tasker_core.messages.verdicts import Missed
from tasker_core.statistics.logged_runs import logged_statistics
from tasker_core.statistics.run_statistics import RunStatistics, by_group
from tasker_core.topics import TopicName
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.testing.histories import History, Topic, histories
from tasker_log_sink.testing.messages import NOON_MS, at, ended, finished, started, when
from tasker_log_sink.testing.stores import InMemoryStore

NOW = when(5000)
MINUTE = NOON_MS // 60_000
RETRIED = finished("r", "t", 1, 10, outcome="failed", retry_at=at(30))
REPORTS: list[tuple[TopicName, bytes]] = [
    ("results", started("r", "t", 1, 10)),
    ("results", RETRIED),
    ("results", finished("r", "t", 1, 10, worker="other", outcome="failed", finished_at=at(50))),
    ("results", finished("r", "t", 1, 10, attempt=2, lane="background", emitted_at=at(30), started_at=at(31))),
    ("verdicts", ended("r", "t", 1, 10)),
]


def counted(store: InMemoryStore) -> RunStatistics:
    """All that the batches have added."""
    found = RunStatistics()
    for group in by_group(store.statistics).values():
        found.merge(group)
    return found


async def after(*batches: list[tuple[TopicName, bytes]], logged: float = 13) -> RunStatistics:
    store = InMemoryStore()
    for batch in batches:
        await store.apply([], [decode_record(topic, value) for topic, value in batch], when(logged))
    return counted(store)


async def test_a_run_that_was_logged_in_time() -> None:
    found = await after([("results", finished("r", "t", 1, 10))])
    assert (found.promised, found.kept, found.recovered, found.broken) == (1, 1, 0, {})
    assert found.outcomes == {"succeeded": 1}
    assert {name: one.worst for name, one in found.measures.items()} == {
        "lateness": 2_900,
        "emission": 0,
        "delivery": 100,
        "waiting": 100,
        "execution": 100,
        "logging": 2_700,
    }


async def test_a_run_that_was_emitted_late_after_an_outage_breaks_the_promise() -> None:
    times: dict[str, Any] = {name: at(42) for name in ("emitted_at", "received_at", "started_at", "finished_at")}
    found = await after([("results", finished("r", "t", 1, 10, lane="background", **times))], logged=42.1)
    assert (found.promised, found.kept, found.recovered, found.broken) == (1, 0, 1, {"emission": 1})


@pytest.mark.parametrize(("seconds", "kept"), [(10, 1), (10.001, 0)])
async def test_ten_seconds_are_in_time_and_a_millisecond_more_is_not(seconds: float, kept: int) -> None:
    in_no_time = finished("r", "t", 1, 0, **{f"{stage}_at": at(0) for stage in ("received", "started", "finished")})
    found = await after([("results", in_no_time)], logged=seconds)
    assert (found.promised, found.kept) == (1, kept)


@pytest.mark.parametrize("kind", ["manual", "backfill", "chained"])
async def test_runs_of_other_kinds_end_but_were_promised_for_no_time(kind: str) -> None:
    found = await after([("results", finished("r", "t", 1, 10, kind=kind))])
    ended = found.backfilled if kind == "backfill" else found.outcomes
    assert (found.promised, ended) == (0, {"succeeded": 1})


async def test_a_backfilled_run_counts_when_it_ended() -> None:
    store = InMemoryStore()
    years_ago = finished("r", "t", 1, -1e8, kind="backfill", finished_at=at(90))
    await store.apply([], [decode_record("results", years_ago, partition=3)], NOW)
    assert list(by_group(store.statistics)) == [(MINUTE + 1, "default", 3)]


async def test_a_run_that_goes_on_has_not_ended() -> None:
    assert await after([("results", started("r", "t", 1, 10))]) == RunStatistics()
    retried = await after([("results", RETRIED)])
    assert (retried.promised, retried.outcomes) == (1, {})


@pytest.mark.parametrize("times", [1, 2])
async def test_missed_ranges_are_told_once(times: int) -> None:
    fields: dict[str, Any] = {"task_id": "t", "generation": 1, "version": 1, "from_": at(1), "to": at(130)}
    missed = encode(Missed(reason="coalesced", next_at=None, **fields))
    store = InMemoryStore()
    for _ in range(times):
        await store.apply([], [decode_record("verdicts", missed, partition=2)] * times, NOW)
    assert by_group(store.statistics) == {(MINUTE + 2, None, 2): RunStatistics(missed={"coalesced": 1})}


@given(st.permutations(REPORTS), st.data())
async def test_the_first_attempt_counts_once_whatever_is_known_of_the_run(
    reports: list[tuple[TopicName, bytes]], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(reports)))
    cut = data.draw(st.integers(0, len(reports)))
    found = await after(reports[:cut], reports[cut:], again)
    assert found.promised == sum(found.measures["delivery"].counts.values()) == 1
    assert sum(found.outcomes.values()) == 1


@settings(max_examples=200, deadline=None)
@given(histories(), st.data())
async def test_they_are_the_statistics_of_the_runs_in_the_log(found: list[History], data: st.DataObject) -> None:
    """In batches of any topics, going back in a topic now and then, against what is stored in the end."""
    store, once = InMemoryStore(), InMemoryStore()
    written: dict[Topic, list[bytes]] = {"verdicts": [], "results": []}
    for history in found:
        for topic, values in history.topics.items():
            written[topic] += values
    for topic, values in written.items():
        await once.apply([], [decode_record(topic, value) for value in values], NOW)
    reached: dict[Topic, int] = dict.fromkeys(written, 0)
    while any(reached[topic] < len(values) for topic, values in written.items()):
        for topic, values in written.items():
            start = max(0, reached[topic] - data.draw(st.sampled_from([0, 0, 3, 100])))
            end = min(len(values), max(reached[topic], start) + data.draw(st.integers(1, 9)))
            await store.apply([], [decode_record(topic, value) for value in values[start:end]], NOW)
            reached[topic] = end
    runs = by_group(store.statistics)
    missed = [one for one in store.statistics if one.missed]
    assert runs == by_group(once.statistics)
    assert len(store.documents["missed"]) == sum(number for one in missed for *_, number in one.missed)
    for batch in store.statistics:
        batch.missed = []
    assert by_group(store.statistics) == logged_statistics(store.documents["runs"].values(), lambda _: 0)
