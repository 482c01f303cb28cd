"""Lives as verdicts tell them."""

from typing import Any

import pytest

from tasker_cli.verify.instants import instant_text, whole_seconds
from tasker_cli.verify.task_life import TaskLife, UnfitTask, first_due_after

FROM = 1_767_268_800


def verdict(n: int, event: str = "put", **changes: Any) -> dict[str, Any]:
    task = {"schedule": {"every": "PT1S", "anchor": instant_text(FROM)}, "paused": False}
    common = {"type": "verdict", "verdict": "accepted", "event_type": event, "generation": 1, "version": 1 + n}
    return common | {"effective_from": instant_text(FROM + n), "task": task} | changes


def spans(*verdicts: dict[str, Any]) -> list[tuple[int, int, str]]:
    life = TaskLife("t")
    for one in verdicts:
        life.apply(one, 0)
    found = life.spans(FROM, FROM + 100)
    return [(seconds[0] - FROM, seconds[-1] - FROM, phase) for seconds, phase in found if phase != "gone"]


def test_it_is_due_behind_its_creation_up_to_its_delete() -> None:
    assert spans(verdict(0), verdict(5, "delete", task=None)) == [(1, 5, "due")]
    assert spans(verdict(0), verdict(5, "delete", task=None), verdict(8)) == [(1, 5, "due"), (9, 100, "due")]


def test_other_changes_do_not_interrupt_it() -> None:
    assert spans(verdict(0), verdict(5), verdict(6, "trigger"), verdict(7, "cancel", task=None)) == [(1, 100, "due")]
    assert spans(verdict(0), verdict(5, "delete", verdict="rejected")) == [(1, 100, "due")]


def test_a_pause_by_anybody_is_known_by_the_task() -> None:
    paused = {"schedule": {"every": "PT1S"}, "paused": True}
    life = [(1, 5, "due"), (6, 9, "paused"), (10, 100, "due")]
    assert spans(verdict(0), verdict(5, "outcome", task=paused), verdict(9, "resume")) == life


def test_what_was_before_the_first_verdict_that_is_kept_is_unknown() -> None:
    assert spans(verdict(7, "resume")) == [(0, 7, "unknown"), (8, 100, "due")]


def test_an_anchor_that_lies_ahead_is_waited_for() -> None:
    task = {"schedule": {"every": "PT1S", "anchor": instant_text(FROM + 10)}}
    assert spans(verdict(0, task=task)) == [(10, 100, "due")]


@pytest.mark.parametrize(
    "schedule",
    [
        {"every": "PT2S"},
        {"every": "PT1S", "end": "2026-01-01T00:00:00Z"},
        {"cron": "* * * * *", "timezone": "UTC"},
        {"cron": "* * * * * *", "timezone": "Europe/Berlin"},
        {"cron": "* * * * * *", "timezone": "UTC", "max_runs": 3},
        {"at": "2026-01-01T00:00:00Z"},
    ],
)
def test_other_schedules_are_refused(schedule: dict[str, Any]) -> None:
    with pytest.raises(UnfitTask, match="its schedule is"):
        first_due_after(FROM, schedule)
    life = TaskLife("t")
    life.apply(verdict(0), 0)
    life.apply(verdict(5, task={"schedule": schedule}), 0)
    assert life.unfit is not None
    assert "since 2026-01-01T12:00:05Z" in life.unfit


def test_durations_are_whole_seconds() -> None:
    texts = ["PT0S", "PT1M", "PT1H1M1S", "P1D", "P1DT1S", "P1W"]
    assert [whole_seconds(text) for text in texts] == [0, 60, 3661, 86_400, 86_401, 604_800]
    for text in ("P", "PT", "PT0.5S", "1M", "P1M"):
        with pytest.raises(ValueError, match="no duration"):
            whole_seconds(text)
