"""Who is told of a task: what is accepted, which changes concern whom, and in which words they are told."""

from typing import Any

import pytest

from tasker_core.alerts.rules import rules_of
from tasker_core.alerts.wording import sentence, text_of
from tasker_core.errors import InvalidInput
from tasker_core.messages.alerts import AlertedChange
from tasker_core.messages.runs import RunError
from tasker_core.task import parse_task
from tasker_core.ticker_state import accepted_task

TOPIC: dict[str, Any] = {"kafka": {"topic": "t"}}


def accepted(*notify: dict[str, Any]) -> bytes:
    task = parse_task({"id": "a", "schedule": {"every": "PT1H"}, "notify": list(notify)})
    stored = accepted_task(task).notify
    assert isinstance(stored, bytes) or stored
    return bytes(stored)


def change(word: Any, **more: Any) -> AlertedChange:
    at = "2026-01-01T12:00:00.000Z"
    return AlertedChange(change=word, task_id="a", task_name="A", generation=1, version=1, at=at, **more)


def test_what_is_kept_is_canonical_and_says_no_more_than_was_given() -> None:
    assert accepted({"on": ["late", "late"], "late": 90, **TOPIC}) == (
        b'[{"on":["late"],"late":"PT1M30S","kafka":{"topic":"t"}}]'
    )
    assert accepted({"on": ["failed"], "webhook": {"url": "http://x.example/?a=1"}}) == (
        b'[{"on":["failed"],"webhook":{"url":"http://x.example/?a=1"}}]'
    )


def test_at_most_five_and_no_two_ways_to_say_who_calls() -> None:
    with pytest.raises(InvalidInput, match="/notify: has 6 entries; at most 5"):
        accepted(*[{"on": ["failed"], **TOPIC}] * 6)
    hook = {"url": "https://u:secret://p@x.example/", "headers": {"Authorization": "Bearer secret://b"}}
    with pytest.raises(InvalidInput, match="/notify/0/webhook/headers/Authorization: give either this or user"):
        accepted({"on": ["failed"], "webhook": hook})


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({"kafka": {"topic": "ops alerts!"}}, "/kafka/topic: is no name of a topic: give 1 to 249 letters"),
        ({"kafka": {"topic": "__consumer_offsets"}}, "/kafka/topic: is a topic of Kafka itself"),
        ({"webhook": {"url": "hooks.example.com/x"}}, "/webhook/url: .* it must begin with http"),
        ({"webhook": {"url": "https://[::1/"}}, "/webhook/url: is no URL: invalid IPv6 address"),
        ({"webhook": {"url": "secret://my hook"}}, "/webhook/url: is no reference to a secret: write it"),
        ({"webhook": {"url": "https://x/secret://k"}}, "/webhook/url: .* put the whole URL into the secret"),
        ({"webhook": {"url": "https://x/", "headers": {"X Y": "1"}}}, "/webhook/headers/X Y: is no name of a header"),
        ({"webhook": {"url": "https://x/", "headers": {"Host": "1"}}}, "/webhook/headers/Host: belongs to"),
        ({"webhook": {"url": "https://x/", "headers": {"A": "{{ run_id }}"}}}, "/webhook/headers/A: holds {{, but"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_target_is_said_at_its_place_in_words(target: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=f"^/notify/0{said}"):
        accepted({"on": ["failed"], **target})


@pytest.mark.parametrize(
    ("on", "told"),
    [
        (["failed"], {"failed"}),
        (["recovered"], {"recovered of failed"}),
        (["failed", "recovered"], {"failed", "recovered of failed"}),
        (["late", "recovered"], {"late", "recovered of late"}),
        (["failed", "late", "recovered"], {"failed", "late", "recovered of failed", "recovered of late"}),
        (["missed", "paused"], {"missed", "paused"}),
    ],
)
def test_an_entry_is_told_of_its_words_and_when_what_it_is_told_of_is_over(on: list[str], told: set[str]) -> None:
    late = {"late": "PT5S"} if "late" in on else {}
    rules = rules_of(accepted({"on": on, **late, **TOPIC}))
    changes = {
        "failed": change("failed"),
        "missed": change("missed"),
        "paused": change("paused"),
        "late": change("late", late="PT5S"),
        "recovered of failed": change("recovered", after="failed"),
        "recovered of late": change("recovered", after="late", late="PT5S"),
    }
    assert {name for name, one in changes.items() if rules.targets(one)} == told
    assert not rules.targets(change("late", late="PT6S"))
    assert rules.needs_ends == bool({"failed", "recovered", "late"} & set(on))


def test_a_target_is_told_once_though_two_entries_name_it() -> None:
    rules = rules_of(accepted({"on": ["failed"], **TOPIC}, {"on": ["failed", "paused"], **TOPIC}))
    assert rules.targets(change("failed")) == [b'{"kafka":{"topic":"t"}}']


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (
            change("failed", due_at="2026-01-01T12:00:00.000Z", failures=1),
            "has failed, its run of 2026-01-01 12:00:00 UTC",
        ),
        (
            change("failed", since="2026-01-01T12:00:00.000Z", failures=9, reminder=True, error=RunError("exit", "no")),
            "still fails, 9 runs since 2026-01-01 12:00:00 UTC: exit: no",
        ),
        (
            change("recovered", since="2026-01-01T12:00:00.000Z", failures=1, after="failed"),
            "has recovered: a run has succeeded, after one run failed since 2026-01-01 12:00:00 UTC",
        ),
        (
            change("late", due_at="2026-01-01T12:00:00.000Z", late="PT1M30S"),
            "is late: its run of 2026-01-01 12:00:00 UTC had not ended 1 minute and 30 seconds after its time",
        ),
        (
            change("missed", first="2026-01-01T12:00:00.000Z", last="2026-01-01T12:00:00.000Z", reason="too_old"),
            "did not run at 2026-01-01 12:00:00 UTC: more than a day late",
        ),
        (change("paused", failures=1), "is paused by Tasker after a failure"),
    ],
)
def test_a_change_in_words(one: AlertedChange, words: str) -> None:
    assert sentence(one) == f"A (a) {words}"


def test_a_long_message_has_ten_lines_and_counts_the_rest() -> None:
    changes = [change("failed", text=f"line {number}") for number in range(12)]
    lines = text_of(changes, {"late": 1_000}).splitlines()
    assert (len(lines), lines[9], lines[10]) == (11, "line 9", "and 1,002 more: 1,000 late, 2 failed")
