"""The document of a task, by example: the greater version wins, nothing goes back, hidden tasks stay hidden."""

import json
from typing import Any

import pytest

from tasker_core.messages.base import encode
from tasker_core.messages.verdicts import Missed, Removed, Verdict
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.testing.messages import at, ended, finished, started, verdict, when
from tasker_log_sink.testing.stores import InMemoryStore, applied


async def task(*messages: bytes) -> dict[str, Any]:
    return (await applied(*messages)).documents["tasks"]["t"]


def deleted(version: int, generation: int, since: float) -> bytes:
    return verdict("t", version, since, generation=generation, event_type="delete", task=None, next_at=None)


async def test_words_of_a_later_release_are_kept_as_they_are() -> None:
    more = {
        "overlap": "merge",
        "misfire": {"policy": "oldest", "grace": "PT1M", "max": 1, "why": "new"},
        "retry": {"max_attempts": 3, "backoff": "fibonacci"},
        "pause": {"at": at(3), "until": at(9)},
        "paused": True,
        "colour": "blue",
    }
    found = await task(verdict("t", 3, 10, task=more))
    assert (found["overlap"], found["state"]) == ("merge", "paused")
    for option in ("misfire", "retry", "pause"):
        assert json.loads(found[f"{option}_json"]) == more[option]


async def test_a_task_without_times_of_its_own_is_never_finished() -> None:
    manual = {"schedule": {"manual": True}}
    made = verdict("t", 3, 10, generation=3, next_at=None, task=manual)
    triggered = verdict("t", 3, 20, generation=3, next_at=None, task=manual, event_type="trigger", run_id="r")
    assert (await task(made, triggered))["state"] == "active"
    assert (await task(verdict("t", 3, 10, next_at=None)))["state"] == "finished"


async def test_a_definition_fills_the_document() -> None:
    more = {"description": "d", "tags": ["a", "b"], "handler": "curl", "payload": {"n": 2**70}, "timeout": "PT5S"}
    found = await task(verdict("t", 3, 10, task=more))
    assert found == {
        "_id": "t",
        "generation": 3,
        "version": 3,
        "name": "v3",
        "description": "d",
        "tags": ["a", "b"],
        "schedule_json": '{"cron":"* * * * * *"}',
        "timing": '{"cron":"* * * * * *"}',
        "handler": "curl",
        "payload_json": f'{{"n":{2**70}}}',
        "timeout": "PT5S",
        "retry_json": "null",
        "overlap": "allow",
        "max_consecutive_failures": None,
        "misfire_json": "null",
        "then_json": "null",
        "notify_json": "null",
        "starts": [],
        "pause_json": "null",
        "paused_by": None,
        "words": ["t", "v3", "a", "b"],
        "state": "active",
        "created_at": when(10),
        "updated_at": when(10),
        "next_at": when(11),
        "due_at": None,
        "next_of": [3, found["next_of"][1], found["next_of"][2]],
        "last_run": None,
        "last_of": [0, 0, "", 0],
        "last_outcome": None,
        "ended_of": [3, 0],
        "failures": 0,
        "streak": {"after": 0, "failed": []},
        "deleted": False,
        "finished_version": 0,
        "last_nominal_ms": 0,
        "deleted_version": 0,
        "calendars": [],
        "gone_at": None,
    }


async def test_the_options_of_runs_are_kept_as_accepted() -> None:
    misfire = {"policy": "none", "grace": "PT1M", "max": 100}
    options = {"retry": {"max_attempts": 3, "initial": "PT1S"}, "overlap": "skip", "misfire": misfire}
    found = await task(verdict("t", 3, 10, task=options))
    assert (found["retry_json"], found["overlap"]) == ('{"max_attempts":3,"initial":"PT1S"}', "skip")
    assert found["misfire_json"] == '{"policy":"none","grace":"PT1M","max":100}'
    back = await task(verdict("t", 3, 10, task=options), verdict("t", 4, 40, generation=3))
    assert (back["retry_json"], back["overlap"]) == ("null", "allow")


async def test_what_a_task_starts_is_kept_as_accepted_and_by_id() -> None:
    then = [{"task": "b"}, {"task": "c", "on": "any"}]
    found = await task(verdict("t", 3, 10, task={"then": then}))
    assert (json.loads(found["then_json"]), found["starts"]) == (then, ["b", "c"])
    back = await task(verdict("t", 3, 10, task={"then": then}), verdict("t", 4, 40, generation=3))
    assert (back["then_json"], back["starts"]) == ("null", [])


async def test_a_task_that_paused_itself_says_why_until_it_goes_on() -> None:
    limit = {"max_consecutive_failures": 5}
    pause = {"at": at(20), "by": "tasker", "note": "paused after 5 failures in a row"}
    made = verdict("t", 3, 10, task=limit)
    paused = verdict(
        "t", 9, 20, generation=3, event_type="outcome", task=limit | {"paused": True, "pause": pause}, next_at=None
    )
    for messages in ((made, paused), (paused, made)):
        found = await task(*messages)
        assert (found["state"], found["max_consecutive_failures"]) == ("paused", 5)
        assert json.loads(found["pause_json"]) == pause
    resumed = await task(made, paused, verdict("t", 12, 30, generation=3, event_type="resume", task=limit))
    assert (resumed["state"], resumed["pause_json"], resumed["max_consecutive_failures"]) == ("active", "null", 5)


async def test_an_edit_keeps_the_creation_and_a_trigger_keeps_the_update() -> None:
    edit = verdict("t", 5, 50, generation=3)
    trigger = verdict("t", 5, 70, generation=3, event_id="x", event_type="trigger")
    found = await task(verdict("t", 3, 10), edit, trigger)
    assert (found["created_at"], found["updated_at"], found["version"]) == (when(10), when(50), 5)
    assert found["next_at"] == when(51)
    assert await task(trigger, edit, verdict("t", 3, 10)) == found


async def test_a_task_made_again_has_a_new_creation() -> None:
    again = verdict("t", 9, 90)
    found = await task(verdict("t", 3, 10), deleted(5, 3, 50), again)
    assert (found["created_at"], found["deleted"], found["gone_at"]) == (when(90), False, None)


async def test_a_deleted_task_leaves_a_tombstone_that_nothing_older_revives() -> None:
    store = await applied(verdict("t", 3, 10), deleted(5, 3, 50))
    found = store.documents["tasks"]["t"]
    assert (found["deleted"], found["gone_at"]) == (True, when(1000))
    await applied(verdict("t", 4, 40, generation=3), finished("r", "t", 4, 49), store=store)
    assert store.documents["tasks"]["t"]["deleted"]


async def test_a_removed_task_is_hidden_whatever_comes_first() -> None:
    removed = encode(Removed(task_id="t", generation=3, version=3))
    assert (await task(removed, verdict("t", 3, 10)))["deleted"]
    assert (await task(verdict("t", 3, 10), removed))["deleted"]


async def test_results_that_come_first_wait_unseen() -> None:
    store = await applied(finished("r", "t", 3, 20))
    assert store.documents["tasks"]["t"]["deleted"]
    await applied(verdict("t", 3, 10), store=store)
    found = store.documents["tasks"]["t"]
    assert not found["deleted"]
    assert (found["last_run"]["run_id"], found["next_at"]) == ("r", when(21))


async def test_a_manual_task_is_active_though_it_has_no_next_time() -> None:
    found = await task(verdict("t", 3, 10, next_at=None, task={"schedule": {"manual": True}}))
    assert (found["state"], found["next_at"], found["finished_version"]) == ("active", None, 0)


async def test_a_paused_task_has_no_next_time_whatever_comes_late() -> None:
    pause = verdict("t", 4, 40, generation=3, event_type="pause", task={"paused": True}, next_at=None)
    for messages in ([pause, finished("r", "t", 3, 39)], [finished("r", "t", 3, 39), pause]):
        found = await task(verdict("t", 3, 10), *messages)
        assert (found["state"], found["next_at"], found["finished_version"]) == ("paused", None, 0)


async def test_what_is_asked_for_by_hand_hides_no_occurrence_that_is_still_awaited() -> None:
    made, trigger = verdict("t", 3, 10), verdict("t", 3, 40, generation=3, event_type="trigger", run_id="m")
    others = [finished(kind, "t", 3, 40, kind=kind) for kind in ("manual", "chained", "backfill")]
    for messages in (
        [made, trigger, *others],
        [*others, trigger, made],
        [started("m", "t", 3, 40, kind="manual"), made],
    ):
        assert (await task(*messages))["next_at"] == when(11), "the run of this second has told nothing yet"
        assert (await task(*messages, finished("r", "t", 3, 11)))["next_at"] == when(12)
    assert (await task(made, trigger, verdict("t", 4, 20, generation=3)))["next_at"] == when(21)
    assert (await task(trigger))["next_at"] == when(41), "better than nothing"


async def test_a_missed_range_moves_the_next_time() -> None:
    gap = Missed(task_id="t", generation=3, version=3, reason="coalesced", from_=at(11), to=at(30), next_at=at(31))
    store = await applied(verdict("t", 3, 10), encode(gap), encode(gap))
    assert store.documents["tasks"]["t"]["next_at"] == when(31)
    [range_] = store.documents["missed"].values()
    assert (range_["from_at"], range_["to_at"], range_["reason"]) == (when(11), when(30), "coalesced")


async def test_the_last_run_follows_its_run_and_never_goes_back() -> None:
    going = started("b", "t", 3, 20)
    found = await task(verdict("t", 3, 10), going)
    assert found["last_run"]["state"] == "running"
    found = await task(verdict("t", 3, 10), going, finished("b", "t", 3, 20), going, finished("a", "t", 3, 19))
    assert (found["last_run"]["run_id"], found["last_run"]["state"]) == ("b", "succeeded")
    assert found["last_run"]["finished_at"] == when(20.3)


async def test_the_last_run_is_no_longer_retrying_once_the_ticker_has_ended_it() -> None:
    failed = finished("r", "t", 3, 20, outcome="failed", retry_at=at(30))
    for messages in ([failed, ended("r", "t", 3, 20)], [ended("r", "t", 3, 20), failed]):
        found = await task(verdict("t", 3, 10), *messages)
        assert (found["last_run"]["run_id"], found["last_run"]["state"]) == ("r", "cancelled")


async def test_a_run_is_logged_when_what_it_shows_came_to_be_known() -> None:
    failed = decode_record("results", finished("r", "t", 3, 20, outcome="failed", retry_at=at(30)))
    ended_run = decode_record("verdicts", ended("r", "t", 3, 20))
    for records, logged in ([failed, ended_run], 2000), ([ended_run, failed], 1000):
        store = InMemoryStore()
        for second, record in enumerate(records, start=1):
            await store.apply([], [record], when(1000 * second))
        assert store.documents["runs"]["r"]["state"] == "cancelled"
        assert store.documents["runs"]["r"]["logged_at"] == when(logged)


@pytest.mark.parametrize("word", ["rejected", "superseded", "forwarded"])
async def test_other_verdicts_are_journalled_and_change_no_task(word: str) -> None:
    store = await applied(verdict("t", 3, 10, verdict=word, task={"name": "x"}, event_id="e/ \u0000ü/1"))
    assert store.documents["tasks"] == {}
    [entry] = store.documents["journal"].values()
    assert (entry["_id"], entry["verdict"]) == ("t/e/ \u0000ü/1", word)


async def test_the_first_verdict_on_an_event_stands() -> None:
    first, repeat = verdict("t", 3, 10, event_id="e"), verdict("t", 3, 10, event_id="e", verdict="superseded")
    store = await applied(first, repeat, first)
    assert [entry["verdict"] for entry in store.documents["journal"].values()] == ["accepted"]


async def test_a_verdict_without_a_task_says_so() -> None:
    store = await applied(verdict("t", 3, 10, verdict="rejected", task=None))
    assert store.documents["journal"]["t/e3"]["task_json"] is None


async def test_a_suggestion_is_kept_whatever_numbers_it_holds() -> None:
    schedule = {"cron": "0 9 * * *", "max_runs": 10**30}
    error = {"pointer": "/schedule/cron", "message": "m", "suggestion": {"pointer": "/schedule", "value": schedule}}
    plain = {"pointer": "/name", "message": "m"}
    store = await applied(verdict("t", 3, 10, verdict="rejected", task=None, errors=[error, plain]))
    kept, other = store.documents["journal"]["t/e3"]["errors"]
    assert json.loads(kept["suggestion_json"]) == error["suggestion"]
    assert other == plain


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("first", ["forwarded", "accepted"])
async def test_a_forwarded_event_has_no_verdict_yet(first: str, together: bool) -> None:
    forwarded = verdict("t", 3, 10, event_id="e", verdict="forwarded", task=None)
    answer = verdict("t", 3, 10, event_id="e")
    order = (forwarded, answer) if first == "forwarded" else (answer, forwarded)
    records = [decode_record("verdicts", one) for one in order]
    store = InMemoryStore()
    for batch in [records] if together else [[one] for one in records]:
        await store.apply([], batch, when(100))
    [entry] = store.documents["journal"].values()
    assert (entry["verdict"], entry["version"]) == ("accepted", 3)
    assert entry["task_json"] is not None


async def test_a_cancel_of_runs_whose_task_was_deleted_leaves_the_task() -> None:
    cancel = Verdict(event_id="e", event_type="cancel", task_id="t", verdict="accepted", effective_from=at(30))
    store = await applied(encode(cancel))
    assert store.documents["tasks"] == {}
    assert store.documents["journal"]["t/e"]["verdict"] == "accepted"
    before = await applied(verdict("t", 3, 10), deleted(4, 3, 20))
    after = await applied(encode(cancel), store=before)
    assert (after.documents["tasks"]["t"]["deleted"], after.documents["tasks"]["t"]["version"]) == (True, 3)
