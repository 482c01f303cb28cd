"""Tasks as the ticker holds them, projected on top of what verdicts and results say, or without any."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.task import Task
from tasker_core.ticker_state import TaskState, accepted_task
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.projection.task_snapshot import LATEST, held_task_record, vanished_task_record
from tasker_log_sink.projection.tasks.task_updates import TaskDraft, unknown_task

NOON = 1_767_268_800


def at(second: int) -> datetime:
    return datetime.fromtimestamp(NOON + second, UTC)


def held(schedule: dict[str, Any], version: int = 5, generation: int = 5, **changes: Any) -> TaskState:
    task = Task.model_validate({"id": "t", "schedule": schedule, "paused": changes.pop("paused", False)})
    return TaskState(
        generation=generation,
        version=version,
        task=accepted_task(task),
        since=NOON,
        changed=AppendPosition(NOON * 1000 + 400, 0, 0),
        **changes,
    )


def draft_of(*records: DecodedRecord) -> TaskDraft:
    draft = TaskDraft(unknown_task("t"))
    for record in records:
        for update in record.task_updates:
            update.apply(draft)
        if record.next_time is not None:
            record.next_time.apply(draft)
    return draft


def test_a_task_that_nothing_else_tells_of_is_whole() -> None:
    record = held_task_record(held({"cron": "0 0 13 * * *"}), NOON + 10, gaps=False)
    draft = draft_of(record)
    assert (draft.fields["version"], draft.fields["state"], draft.fields["deleted"]) == (5, "active", False)
    assert draft.fields["created_at"] == draft.fields["updated_at"] == at(0)
    assert draft.fields["next_at"] == at(3600)
    assert draft.definition is not None
    assert msgspec.json.decode(draft.definition["schedule_json"])["cron"] == "0 0 13 * * *"


def test_what_verdicts_said_of_the_same_version_stands() -> None:
    draft = draft_of(held_task_record(held({"every": "PT1H", "anchor": "2026-01-01T12:00:00Z"}), NOON, gaps=False))
    draft.fields["created_at"], draft.fields["updated_at"] = at(-100), at(-50)
    for update in held_task_record(
        held({"every": "PT1H", "anchor": "2026-01-01T12:00:00Z"}), NOON, gaps=False
    ).task_updates:
        update.apply(draft)
    assert (draft.fields["created_at"], draft.fields["updated_at"]) == (at(-100), at(-50))


def test_an_older_version_changes_nothing_and_a_later_one_all() -> None:
    newer = held_task_record(held({"every": "PT2H", "anchor": "2026-01-01T12:00:00Z"}, version=9), NOON, gaps=False)
    older = held_task_record(held({"every": "PT1H", "anchor": "2026-01-01T12:00:00Z"}), NOON, gaps=False)
    assert draft_of(newer, older) == draft_of(older, newer)
    assert draft_of(older, newer).fields["version"] == 9


def test_a_paused_or_finished_task_has_no_next_time() -> None:
    paused = held_task_record(held({"every": "PT1H", "anchor": "2026-01-01T12:00:00Z"}, paused=True), NOON, gaps=False)
    assert (draft_of(paused).fields["state"], draft_of(paused).fields["next_at"]) == ("paused", None)
    over = held({"at": "2026-01-01T12:00:05Z"})
    assert held_task_record(over, NOON + 5, gaps=False).finished.version == 5
    assert held_task_record(over, NOON + 4, gaps=False).finished.version == 0
    assert held_task_record(over, NOON + 5, gaps=True).finished.version == 0  # it may still run
    assert held_task_record(held({"manual": True}), NOON, gaps=False).finished.version == 0  # it is never over
    spent = held({"every": "PT1H", "anchor": "2026-01-01T12:00:00Z", "max_runs": 2}, runs_done=2)
    assert held_task_record(spent, NOON, gaps=False).finished.version == 5


def test_a_task_that_is_gone_is_hidden_but_not_one_made_after_it() -> None:
    record = held_task_record(held({"every": "PT1H", "anchor": "2026-01-01T12:00:00Z"}), NOON, gaps=False)
    assert draft_of(record, vanished_task_record("t", 5, 5, at(0))).fields["deleted"]
    again = held_task_record(
        held({"every": "PT1H", "anchor": "2026-01-01T12:00:00Z"}, version=8, generation=8), NOON, gaps=False
    )
    assert not draft_of(record, vanished_task_record("t", 5, 5, at(0)), again).fields["deleted"]


def test_the_version_that_is_held_is_a_revision_whoever_made_it() -> None:
    state = held({"at": "2026-01-01T12:00:05Z"}, after_nominal=NOON - 60)
    report = held_task_record(state, NOON + 6, gaps=False).revisions
    assert report is not None
    ((revision,), finish) = report.revisions, report.finish
    assert (revision["_id"], revision["event_type"], revision["actor"]) == ("t/5", "unknown", None)
    assert (revision["effective_from"], revision["since"], revision["after_nominal"]) == (at(0), at(0), at(-60))
    assert finish == (5, LATEST, {"reason": "once", "last_nominal": at(5)})
    spent = held({"every": "PT1H", "anchor": "2026-01-01T12:00:00Z", "max_runs": 2}, runs_done=2, finished_at=NOON + 1)
    report = held_task_record(spent, NOON + 9999, gaps=False).revisions
    assert report is not None
    assert report.finish == (5, LATEST, {"reason": "max_runs", "last_nominal": at(0)})
