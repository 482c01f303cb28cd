"""Calendars, their revisions, and the tasks that are handed over, as documents."""

from typing import Any

from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.task_snapshot import held_calendar_record
from tasker_log_sink.testing.messages import calendar, finished, rescheduled, verdict, when
from tasker_log_sink.testing.stores import Documents, InMemoryStore

NOW = when(5000)
DELETE = "calendar-delete"


async def documents(*batches: list[bytes], topic: Any = "verdicts") -> Documents:
    store = InMemoryStore()
    for batch in batches:
        progress = await store.apply([], [decode_record(topic, value) for value in batch], NOW)
        await store.write_progress(progress, NOW)
    return store.documents


def revisions(found: Documents) -> dict[str, tuple[list[str], object]]:
    return {one: (d["days"], d["superseded_at"]) for one, d in found["calendar_revisions"].items()}


async def test_the_newest_version_stands_and_each_is_a_revision() -> None:
    first, second = calendar("closed", 3, 10, "2026-01-01", actor="ann"), calendar("closed", 7, 20, "2026-01-02")
    for batches in ([[first, second]], [[first], [second]], [[first], [second], [first, second]]):
        found = await documents(*batches)
        document = found["calendars"]["closed"]
        assert (document["version"], document["days"], document["created_at"]) == (7, ["2026-01-02"], when(10))
        assert revisions(found) == {
            "closed/3": (["2026-01-01"], when(20)),
            "closed/7": (["2026-01-02"], None),
        }
        assert found["calendar_revisions"]["closed/3"]["actor"] == "ann"
        assert not found["tasks"]
        assert found["journal"]["closed/e3"]["event_type"] == "calendar"


async def test_a_deleted_calendar_keeps_the_days_that_tasks_may_be_under() -> None:
    found = await documents([calendar("closed", 3, 10, "2026-01-01")], [calendar("closed", 5, 20, event_type=DELETE)])
    document = found["calendars"]["closed"]
    assert document["deleted"]
    assert (document["days"], document["content_version"]) == (["2026-01-01"], 3)
    assert revisions(found) == {"closed/3": (["2026-01-01"], None), "closed/5": ([], None)}
    found = await documents(
        [calendar("closed", 3, 10, "2026-01-01"), calendar("closed", 5, 20, event_type=DELETE)],
        [calendar("closed", 9, 30)],
    )
    assert {one: at for one, (_, at) in revisions(found).items()} == {
        "closed/3": when(30),
        "closed/5": when(30),
        "closed/9": None,
    }
    assert found["calendars"]["closed"]["created_at"] == when(30)


async def test_a_handover_moves_the_next_time_both_ways_and_names_the_version() -> None:
    put = verdict("task", 1, 0, next_at="2026-01-01T13:00:00.000Z", calendars={"closed": 3, "other": 2})
    # The run of the second of the handover was emitted before it, and is reported after it.
    late = finished("run", "task", 1, 60, next_at="2026-01-01T13:00:00.000Z")
    for next_at in (120.0, 7200.0):
        store = InMemoryStore()
        for topic, value in (
            ("verdicts", put),
            ("verdicts", rescheduled("task", 1, 60, next_at, 8)),
            ("results", late),
        ):
            progress = await store.apply([], [decode_record(topic, value)], NOW)  # pyright: ignore[reportArgumentType]
            await store.write_progress(progress, NOW)
        task = store.documents["tasks"]["task"]
        assert task["next_at"] == when(next_at)
        assert task["calendars"] == [{"name": "closed", "version": 8}, {"name": "other", "version": 2}]


async def test_a_task_that_waits_for_days_of_a_calendar_is_not_finished() -> None:
    put = verdict("task", 1, 0, next_at=None, calendars={"open": 3})
    assert (await documents([put]))["tasks"]["task"]["state"] == "active"
    assert (await documents([verdict("task", 1, 0, next_at=None)]))["tasks"]["task"]["state"] == "finished"


async def test_what_the_ticker_holds_completes_what_kafka_holds_no_more() -> None:
    store = InMemoryStore()
    held = held_calendar_record("closed", 3, ["2026-01-01"], 1_767_268_800)
    await store.apply([], [decode_record("verdicts", calendar("closed", 5, 20, "2026-01-02")), held], NOW)
    await store.apply([], [held], NOW)
    assert revisions(store.documents) == {
        "closed/3": (["2026-01-01"], None),
        "closed/5": (["2026-01-02"], None),
    }
    assert store.documents["calendars"]["closed"]["version"] == 5
