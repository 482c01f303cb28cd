"""What bulk actions ask for, and the event that each task gets by one."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from tasker_api.change_sets.bulk_actions import item_for
from tasker_api.change_sets.bulk_request import parse_bulk_action
from tasker_core.documents.tasks import TaskDocument
from tasker_core.errors import InvalidInput

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FINANCE = {"filter": {"tag": "finance"}}


def errors(**body: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        parse_bulk_action(body)
    return {error.pointer: error.message for error in caught.value.errors}


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"action": "pause"}, "/filter", "which tasks; or give their `ids`"),
        ({"action": "pause", "filter": {}}, "/filter", '`"all": true`'),
        ({"action": "pause", "filter": {"colour": "red"}}, "/filter/colour", "unknown field"),
        ({"action": "pause", "filter": {"q": "-"}}, "/filter/q/0", "no letter and no digit"),
        ({"action": "pause", "filter": {"state": "asleep"}}, "/filter/state", "give 'active'"),
        ({"action": "dance", **FINANCE}, "/action", "give 'pause'"),
        ({"action": "pause", "ids": []}, "/ids", "at least 1"),
        ({"action": "pause", "ids": ["a"] * 1_001}, "/ids", "at most 1,000"),
        ({"action": "pause", "ids": ["a b"]}, "/ids/0", "position 1"),
        ({"action": "pause", "ids": ["a", "tasker-canary-3"]}, "/ids/1", "canaries"),
        ({"action": "pause", "ids": ["a"], **FINANCE}, "/ids", "leave the other out"),
        ({"action": "pause", "payload": 1, **FINANCE}, "/payload", "belongs to the action 'trigger'"),
        ({"action": "tag", **FINANCE}, "/add_tags", "`remove_tags`"),
        ({"action": "tag", "add_tags": ["x"], "remove_tags": ["x"], **FINANCE}, "/remove_tags/0", "choose"),
        ({"action": "spread", **FINANCE}, "/spread", "null for none"),
        ({"action": "spread", "spread": "P1M", **FINANCE}, "/spread", "months"),
        ({"action": "trigger", "payload": "x" * 70_000, **FINANCE}, "/payload", "65536"),
        ({"action": "pause", "id": "a/b", **FINANCE}, "/id", "is no id of a change-set"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_and_the_way_out(body: Any, pointer: str, words: str) -> None:
    found = errors(**body)
    assert words in found[pointer], found


def test_all_tasks_must_be_meant() -> None:
    assert parse_bulk_action({"action": "pause", "filter": {}, "all": True}).all
    assert parse_bulk_action({"action": "pause", "filter": {"q": ["a b", "c"]}}).filter is not None


def task(**changes: Any) -> TaskDocument:
    stored = {
        "_id": "report",
        "name": "Report",
        "description": "",
        "tags": ["finance", "daily"],
        "handler": "default",
        "timeout": "PT1M",
        "schedule_json": '{"cron":"0 9 * * *","timezone":"UTC","gap":"shift","fold":"first"}',
        "payload_json": '{"n":1}',
        "state": "active",
        "version": 7,
        "generation": 3,
        "created_at": NOON,
        "updated_at": NOON,
        "next_at": None,
        "last_run": None,
    }
    return cast("TaskDocument", stored | changes)


def item(stored: TaskDocument, **body: Any) -> Any:
    return item_for(parse_bulk_action({"ids": ["report"], **body}), stored)


def test_a_task_that_is_as_wanted_gets_no_event() -> None:
    assert item(task(state="paused"), action="pause") is None
    assert item(task(), action="resume") is None
    assert item(task(), action="tag", add_tags=["daily"], remove_tags=["other"]) is None
    assert item(task(), action="spread", spread=None) is None
    assert item(task(), action="trigger") is not None


def test_an_event_is_for_the_version_that_was_read_and_bears_the_note() -> None:
    found = item(task(), action="pause", note="quarter's end")
    assert (found.event_type, found.if_version) == ("pause", 7)
    assert found.data == {"task_id": "report", "note": "quarter's end"}
    assert item(task(), action="delete").if_version == 7
    run = item(task(), action="trigger", payload=None)
    assert (run.if_version, run.data) == (None, {"task_id": "report", "payload": None})


def test_tags_and_spread_leave_the_rest_of_the_task_as_it_is() -> None:
    tagged = item(task(), action="tag", add_tags=["x", "daily"], remove_tags=["finance"]).data["task"]
    assert tagged["tags"] == ["daily", "x"]
    assert (tagged["payload"], tagged["paused"], tagged["name"]) == ({"n": 1}, False, "Report")
    spread = item(task(), action="spread", spread="PT5M").data["task"]["schedule"]
    assert spread == {"cron": "0 9 * * *", "timezone": "UTC", "gap": "shift", "fold": "first", "spread": "PT5M"}
