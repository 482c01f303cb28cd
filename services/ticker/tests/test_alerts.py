"""Who is told of a task, and when: once for each change of its state, in few messages, whatever restarts."""

from typing import Any

import pytest

from tasker_ticker.testing.alerted_tasks import alerts, changes, is_alert, on, report, runs_of
from tasker_ticker.testing.partition_harness import PartitionHarness

EVERY_10: dict[str, Any] = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
Body = dict[str, Any]


def harness_with(*notify: Body, task: str = "a", **options: Any) -> PartitionHarness:
    harness = PartitionHarness()
    harness.put(0, task, EVERY_10, notify=list(notify), **options)
    harness.settle(0)
    return harness


def ran(harness: PartitionHarness, second: int, *outcomes: str, took: float = 2) -> None:
    """Let a run come every ten seconds, with a given outcome, some seconds after it began."""
    for number, outcome in enumerate(outcomes):
        at = second + 10 * number
        harness.tick(at)
        report(harness, at + took, runs_of(harness)[-1], outcome)


def told(harness: PartitionHarness) -> list[str]:
    """The words of the changes that were told, in their order."""
    return [change["change"] for change in changes(harness)]


def test_a_first_failure_and_the_success_that_ends_it_are_told_once_each() -> None:
    harness = harness_with(on("failed", "recovered"), name="Daily report")
    ran(harness, 10, "succeeded", "failed", "failed", "failed", "succeeded", "succeeded")
    harness.tick(100)
    first, second = alerts(harness)
    (failed,), (recovered,) = first["changes"], second["changes"]
    run = runs_of(harness)[1]
    assert failed == {
        "change": "failed", "task_id": "a", "task_name": "Daily report", "generation": 1, "version": 1,
        "at": "2026-01-01T12:00:22.000Z", "run_id": run["run_id"], "due_at": run["effective_at"],
        "since": "2026-01-01T12:00:20.000Z", "failures": 1,
        "error": {"kind": "timeout", "message": "no answer within PT1M"},
        "text": "Daily report (a) has failed, its run of 2026-01-01 12:00:20 UTC: timeout: no answer within PT1M",
    }  # fmt: skip
    assert (recovered["change"], recovered["after"], recovered["failures"]) == ("recovered", "failed", 3)
    assert recovered["since"] == failed["since"]
    assert second["text"] == (
        "Daily report (a) has recovered: a run has succeeded, after 3 runs failed since 2026-01-01 12:00:20 UTC"
    )


def test_the_run_that_tells_it_is_of_no_task_and_signed_and_tried_again() -> None:
    webhook = {"url": "https://u:secret://p@hooks.example.com/x", "secret": "secret://key", "headers": {"X-A": "b"}}
    harness = harness_with({"on": ["failed"], "webhook": webhook})
    ran(harness, 10, "failed")
    harness.tick(20)
    (run,) = filter(is_alert, harness.topics["due-background"])
    assert (run["handler"], run["task_name"]) == ("http", "Alert to hooks.example.com")
    assert run["task_id"].startswith("tasker-alerts.")
    assert run["payload"] | {"body": None} == {
        "url": webhook["url"], "method": "POST", "headers": {"X-A": "b"}, "sign": {"secrets": ["secret://key"]},
        "body": None,
    }  # fmt: skip
    assert (run["policy"]["retry"]["max_attempts"], run["policy"].get("report_end")) == (10, None)
    body = run["payload"]["body"]
    assert (body["event"], body["version"], body["id"]) == ("tasker.alert", 1, run["run_id"])

    harness.send(21, type="retry", run=run, attempt=2, retry_at="2026-01-01T12:00:31Z")
    harness.send(22, type="delete", task_id="a")
    harness.send(22, type="cancel", task_id="a")
    harness.settle(23)
    harness.restart()
    harness.tick(31)
    (again,) = [one for one in harness.topics["due-background"] if one.get("attempt") == 2]
    assert again["run_id"] == run["run_id"]
    assert harness.verdicts("ended") == []


def test_a_webhook_that_is_a_secret_is_known_by_its_reference() -> None:
    harness = harness_with({"on": ["failed"], "webhook": {"url": "secret://slack-hook"}})
    ran(harness, 10, "failed")
    harness.tick(20)
    (run,) = filter(is_alert, harness.topics["due-background"])
    assert (run["task_name"], run["payload"]["url"]) == ("Alert to secret://slack-hook", "secret://slack-hook")


def test_a_topic_gets_the_message_as_its_value() -> None:
    harness = harness_with({"on": ["failed"], "kafka": {"topic": "alerts"}})
    ran(harness, 10, "failed")
    harness.tick(20)
    (run,) = filter(is_alert, harness.topics["due-background"])
    assert (run["handler"], run["payload"]["topic"], run["payload"]["key"]) == ("kafka", "alerts", "a")
    assert run["payload"]["value"]["changes"][0]["task_id"] == "a"


def test_what_looks_like_a_template_in_an_error_or_a_name_stays_as_it_is() -> None:
    harness = harness_with(on("failed"), name="{{ run_id }}")
    harness.tick(10)
    report(harness, 12, runs_of(harness)[-1], "failed", error={"kind": "error", "message": "{{{ payload }}"})
    harness.tick(20)
    (change,) = alerts(harness)[0]["changes"]
    assert (change["task_name"], change["error"]["message"]) == ("{{{{ run_id }}", "{{{{{ payload }}")


@pytest.mark.parametrize("restart", [False, True])
def test_neither_the_order_of_ends_nor_repetitions_nor_restarts_tell_anything_twice(restart: bool) -> None:
    harness = harness_with(on("failed", "recovered"))
    harness.tick(40)
    one, two, three, four = runs_of(harness)
    for at, (run, outcome) in enumerate(
        [(two, "failed"), (one, "succeeded"), (two, "failed"), (three, "failed"), (four, "succeeded"),
         (three, "failed"), (one, "succeeded"), (four, "succeeded")], 41,
    ):  # fmt: skip
        report(harness, at, run, outcome)
        if restart:
            harness.restart()
    harness.tick(120)
    assert told(harness) == ["failed", "recovered"]
    assert alerts(harness)[-1]["changes"][-1]["failures"] == 2


def test_a_failure_of_a_run_that_others_have_overtaken_is_told() -> None:
    harness = harness_with(on("failed", "recovered"))
    harness.tick(20)
    slow, quick = runs_of(harness)
    report(harness, 21, quick, "succeeded")
    report(harness, 22, slow, "failed")
    harness.tick(30)
    report(harness, 32, runs_of(harness)[-1], "succeeded")
    harness.tick(90)
    assert told(harness) == ["failed", "recovered"]


def test_a_state_that_lasts_is_told_again_after_a_day_and_after_a_change_or_a_resume() -> None:
    harness = harness_with(on("failed"))
    ran(harness, 10, "failed", "failed")
    harness.put(35, "a", EVERY_10, notify=[on("failed"), {"on": ["missed"], "kafka": {"topic": "t"}}])
    ran(harness, 40, "failed")
    assert len(told(harness)) == 1  # only who is told has changed
    harness.put(45, "a", EVERY_10, notify=[on("failed")], handler="default", payload="mended")
    ran(harness, 50, "failed", "failed")
    harness.send(63, type="pause", task_id="a")
    harness.send(64, type="resume", task_id="a")
    ran(harness, 70, "failed", "failed")
    day = 24 * 3600
    harness.commit(day + 60)
    harness.settle(day + 60)
    ran(harness, day + 70, "failed", "failed")
    harness.tick(day + 160)
    found = changes(harness)
    assert [(one["failures"], one.get("reminder", False)) for one in found] == [
        (1, False),
        (4, True),
        (6, True),
        (8, True),
    ]
    assert found[1]["text"].startswith("a still fails, 4 runs since 2026-01-01 12:00:10 UTC: timeout")


def test_while_nobody_is_told_of_failures_none_is_known() -> None:
    harness = harness_with(on("failed"))
    ran(harness, 10, "failed")
    harness.put(15, "a", EVERY_10, notify=[on("missed")])
    ran(harness, 20, "succeeded")
    harness.put(25, "a", EVERY_10, notify=[on("failed")])
    ran(harness, 30, "failed")
    harness.tick(90)
    assert [one["due_at"][17:19] for one in changes(harness)] == ["10", "30"]


def test_the_pause_after_failures_is_told_and_the_task_recovers_after_it() -> None:
    harness = harness_with(on("paused", "recovered"), max_consecutive_failures=2)
    ran(harness, 10, "failed", "failed")
    harness.tick(40)
    (change,) = alerts(harness)[0]["changes"]
    assert change["text"] == "a is paused by Tasker after 2 failures in a row: timeout: no answer within PT1M"
    harness.send(41, type="resume", task_id="a")
    harness.commit(41)
    ran(harness, 50, "succeeded")
    harness.tick(120)
    assert told(harness) == ["paused", "recovered"]


def test_an_outage_is_told_once_a_task_however_many_occurrences_were_missed() -> None:
    harness = harness_with(on("missed"))
    harness.tick(20)
    harness.settle(3_620)
    harness.tick(3_640)
    (change,) = alerts(harness)[0]["changes"]
    assert (change["reason"], change["first"]) == ("coalesced", "2026-01-01T12:00:30.000Z")
    assert change["text"].startswith("a did not run from 2026-01-01 12:00:30 UTC to 2026-01-01 12:5")
    harness.tick(3_700)
    harness.settle(7_000)
    harness.tick(7_050)
    assert told(harness) == ["missed", "missed"]


def test_a_deleted_task_tells_nothing_any_more_and_one_made_anew_begins_anew() -> None:
    harness = harness_with(on("failed", "late", late="PT5S"))
    ran(harness, 10, "failed")
    harness.tick(20)
    harness.send(23, type="delete", task_id="a")
    harness.tick(60)
    assert told(harness) == ["failed"]
    assert not [key for key in harness.stored if key.startswith("alert")]
    harness.put(61, "a", EVERY_10, notify=[on("failed")])
    harness.tick(62)
    ran(harness, 70, "failed")
    harness.tick(110)
    assert told(harness) == ["failed", "failed"]


def test_what_was_told_of_is_grouped_and_no_target_gets_more_than_a_message_in_30_seconds() -> None:
    harness = PartitionHarness()
    tasks = [f"t{number:03}" for number in range(120)]
    for task in tasks:
        harness.put(0, task, EVERY_10, notify=[on("failed", "recovered")])
    harness.settle(0)
    harness.tick(10)
    for run in runs_of(harness):
        report(harness, 12, run, "failed")
    harness.tick(16)
    assert alerts(harness) == []
    harness.tick(18)
    (message,) = alerts(harness)
    assert (len(message["changes"]), message["more"]) == (50, {"failed": 70})
    assert message["text"].endswith("and 110 more: 110 failed")
    harness.tick(20)
    for run in [one for one in runs_of(harness) if one["nominal_at"].endswith("12:00:20.000Z")]:
        report(harness, 21, run, "succeeded")
    harness.restart()
    harness.tick(46)
    assert len(alerts(harness)) == 1
    harness.tick(48)
    assert alerts(harness)[1]["more"] == {"recovered": 70}
    harness.tick(90)
    assert not [key for key in harness.stored if key.startswith("alert-group")]


def test_a_task_that_tells_nobody_has_no_state_and_no_reports() -> None:
    harness = harness_with()
    ran(harness, 10, "failed", "failed")
    harness.tick(60)
    assert [key for key in harness.stored if key.startswith("alert")] == []
    assert "report_end" not in runs_of(harness)[0].get("policy", {})
