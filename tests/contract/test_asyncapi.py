"""The AsyncAPI document is one, and says what the code says."""

import json
from copy import deepcopy
from typing import Any, get_args

import jsonschema_rs
import msgspec
import pytest

from tasker_api.publishing.command import Command
from tasker_core.events.task_event import Rejection, parse_event
from tasker_core.messages.announcements import HandlerAnnounced, TaskSuccessors
from tasker_core.messages.base import encode
from tasker_core.messages.calendars import CalendarDefined
from tasker_core.messages.runs import Cancel, Policy, ReportedEnd, RetryPolicy, Run, RunError, RunFinished, RunStarted
from tasker_core.messages.verdicts import (
    BackfillEnded,
    Ended,
    EventType,
    Finished,
    Missed,
    Removed,
    Rescheduled,
    Verdict,
)
from tasker_core.messages.watermark import Burst, CatchUp, Watermark
from tasker_core.topics import PARTITIONS, TOPICS, Topics
from tests.contract.asyncapi_document import OFFICIAL, SCHEMAS, ChannelMessages, document, encoded, references

AT, RUN_ID, TASK = "2026-01-01T12:00:00.000Z", "5a4e2c201a775b562c9d3f1e7c4c5f00", "daily-report"
KEY = TASK.encode()
BASE: dict[str, Any] = {"task_id": TASK, "generation": 41, "version": 42}
RUN: dict[str, Any] = BASE | {
    "run_id": RUN_ID, "task_name": "Daily report", "nominal_at": AT, "effective_at": AT, "emitted_at": AT,
    "payload": msgspec.Raw(b'{"a": [1, null]}'), "policy": Policy(retry=RetryPolicy(max_attempts=3)),
}  # fmt: skip
DEFINED = {
    "id": TASK, "name": "Daily report", "tags": ["finance"], "payload": {"n": 1}, "timeout": "PT30S", "overlap": "skip",
    "schedule": {"cron": "0 9 * * 1-5", "timezone": "Europe/Berlin", "exclude": ["2026-12-25"], "spread": "PT5M"},
    "retry": {"max_attempts": 5}, "misfire": {"policy": "all", "grace": "PT90S"},
}  # fmt: skip
EVENTS: dict[EventType, dict[str, Any]] = {
    "put": {"task": DEFINED, "if_version": 0},
    "delete": {"task_id": TASK, "if_version": 3},
    "pause": {"task_id": TASK, "note": "quarter's end"},
    "resume": {"task_id": TASK},
    "trigger": {"task_id": TASK, "payload": None},
    "backfill": {"task_id": TASK, "times": [AT, "2026-01-01T13:00:00+01:00"], "rate": 60},
    "cancel": {"task_id": TASK, "run_id": RUN_ID},
    "retry": {
        "run": msgspec.json.decode(encode(Run(**RUN))), "attempt": 2, "retry_at": "2026-01-01T12:00:13.000Z"
    },
    "outcome": {
        "task_id": TASK, "run_id": RUN_ID, "generation": 1, "version": 1, "effective_at": AT, "outcome": "failed",
        "error": {"kind": "timeout", "message": "no answer within PT1M"},
    },
}  # fmt: skip
EVENTS["chain"] = {
    "task_id": TASK, "chain": ["extract"],
    "after": {"task_id": "extract", "run_id": RUN_ID, "nominal_at": AT, "outcome": "succeeded"},
}  # fmt: skip
EVENTS["wait"] = {
    "run": msgspec.json.decode(encode(Run(**RUN))), "until": "2026-01-01T13:00:00.000Z", "received_at": AT,
    "started_at": AT, "lane": "background",
}  # fmt: skip
EVENTS["report"] = {
    "task_id": TASK, "run_id": RUN_ID, "attempt": 1, "outcome": "failed", "result": {"rows": 7},
    "error": {"message": "disk full"},
}  # fmt: skip
EVENTS["calendar"] = {"calendar": {"name": TASK, "days": ["2026-12-24/2027-01-01"]}, "if_version": 0}
EVENTS["calendar-delete"] = {"calendar": TASK, "note": "moved"}
EVENTS["change-set"] = {
    "change_set": {
        "id": TASK, "kind": "bulk", "action": "pause", "filter": {"tag": ["finance"]}, "total": 40, "state": "running",
        "owner": "api-1", "progress": {"after": "t-9", "published": 30, "left_out": 1,
        "examples": [{"task_id": "t-8", "message": "is gone"}]},
    },
    "note": "quarter's end",
}  # fmt: skip
EXAMPLES: list[tuple[str, bytes, bytes | None]] = [
    ("watermarks", b"7", encode(Watermark(
        time=AT, next_offset=4, burst=Burst(second=AT, after_task="t"),
        catch_up=[CatchUp(from_=AT, to=AT)], turn=3, owner="o", held=7, version="1.2.3", clock_offset_ms=-4))),
    *(("verdicts", KEY, encode(one)) for one in (
        Verdict(event_id="e", event_type="put", task_id=TASK, verdict="accepted", task=msgspec.Raw(b"{}")),
        Missed(**BASE, reason="policy", from_=AT, to=AT),
        Ended(run_id=RUN_ID, **BASE, task_name="", nominal_at=AT, effective_at=AT, outcome="cancelled",
                       reason="deleted", ended_at=AT),
        BackfillEnded(event_id="e", task_id=TASK, generation=1, reason="done", runs=7),
        Rescheduled(**BASE, calendar="closed", calendar_version=7, effective_from=AT, since=AT, next_at=AT),
        Finished(**BASE, reason="once", last_nominal=AT),
        Removed(**BASE))),
    *((lane, KEY, encode(one)) for lane in ("due-tasks", "due-background") for one in (
        Run(**RUN), Cancel(task_id=TASK),
        ReportedEnd(task_id=TASK, run=Run(**RUN), outcome="failed", received_at=AT, started_at=AT,
                             reported_at=AT, error=RunError(kind="timeout", message="m")))),
    *(("results", KEY, encode(one)) for one in (
        RunStarted(**RUN, received_at=AT, started_at=AT, worker="w"),
        RunFinished(**RUN, outcome="failed", received_at=AT, finished_at=AT, worker="w", lane="background",
                             retry_at=AT, error=RunError(kind="k", message="m")))),
    ("handlers", b"greet", encode(HandlerAnnounced(
        name="greet", group="g", payload_schema=msgspec.Raw(b"true")))),
    ("handlers", b"greet", None),
    ("chains", KEY, encode(TaskSuccessors(task_id=TASK, successors=("load",)))),
    ("chains", KEY, None),
    ("calendars", b"closed", encode(CalendarDefined(
        name="closed", version=7, days=("2026-12-25",), effective_from=AT))),
    ("calendars", b"closed", None),
]  # fmt: skip
MESSAGES = ChannelMessages()


def forms(word: EventType) -> dict[str, tuple[bytes, list[tuple[str, bytes]]]]:
    """An event in each of its forms: the API's own encoding, and those of CloudEvents."""
    data = EVENTS[word]
    about = {"specversion": "1.0", "type": f"tasker.{word}", "source": "/billing", "id": "e-1"}
    short = Command("e-1", TASK, word, data, "d").encoded()
    return {
        word: (short, []),
        f"{word}.structured": (json.dumps(about | {"time": AT, "data": data}).encode(), []),
        f"{word}.binary": (json.dumps(data).encode(), [*encoded({f"ce_{n}": v for n, v in about.items()})]),
    }


def test_the_official_schema_takes_the_document_and_no_spoilt_one() -> None:
    assert OFFICIAL.is_file(), "the official schema is not there: `make setup` installs it"
    official, whole = jsonschema_rs.validator_for(json.loads(OFFICIAL.read_text())), document()
    assert [(error.instance_path, error.message) for error in official.iter_errors(whole)] == []
    spoiling: dict[tuple[str, ...], str] = {
        ("asyncapi",): "2.6.0",
        ("operations", "send-results", "action"): "publish",
        ("channels", "results", "adress"): "tasker.results",
        ("channels", "results", "bindings", "kafka", "topicConfiguration", "cleanup.policy"): "delete",
        ("channels", "results", "messages", "run.finished", "bindings", "kafka", "keys"): "task_id",
    }
    for path, value in spoiling.items():
        spoilt: Any = deepcopy(whole)
        parent = spoilt
        for name in path[:-1]:
            parent = parent[name]
        parent[path[-1]] = value
        assert not official.is_valid(spoilt), path


def test_every_topic_is_a_channel_as_it_is_made() -> None:
    channels = document()["channels"]
    assert list(channels) == [topic.name for topic in TOPICS]
    for topic in TOPICS:
        binding = channels[topic.name]["bindings"]["kafka"]
        assert channels[topic.name]["address"] == binding["topic"] == Topics()[topic.name]
        assert binding["partitions"] == (1 if topic.single else PARTITIONS)
        settings: dict[str, Any] = binding["topicConfiguration"]
        settings |= {"cleanup.policy": ",".join(settings["cleanup.policy"])}
        assert {name: str(value) for name, value in settings.items()} == topic.config()


def test_every_reference_leads_somewhere_and_every_schema_is_referred_to() -> None:
    whole, files = document(), set[str]()
    found = {(ref, "") for ref in references(whole)}
    found |= {(ref, name) for name, schema in SCHEMAS.items() for ref in references(schema)}
    for ref, origin in found:
        file, _, place = ref.partition("#")
        name = file.removeprefix("schemas/") or origin
        target: Any = SCHEMAS[name] if name else whole
        for step in place.split("/")[1:]:
            target = target[step]
        if name != origin:
            files.add(name)
    assert files == set(SCHEMAS) - {"alert.json"}  # what webhooks and topics of users get, none of Tasker's own


def test_every_operation_is_of_a_channel_and_no_message_is_left_out() -> None:
    whole = document()
    used = set[str]()
    for operation in whole["operations"].values():
        refs = {message["$ref"] for message in operation["messages"]}
        assert all(ref.startswith(operation["channel"]["$ref"] + "/messages/") for ref in refs)
        used |= refs
    every = {f"#/channels/{c}/messages/{m}" for c, channel in whole["channels"].items() for m in channel["messages"]}
    assert every - used == {"#/channels/ticker-state/messages/memory"}


@pytest.mark.parametrize("word", get_args(EventType))
def test_an_event_is_its_own_message_in_each_form_and_the_ticker_takes_it(word: EventType) -> None:
    for name, (value, headers) in forms(word).items():
        assert MESSAGES.of("task-events", KEY, value, headers) == [name]
        assert not isinstance(parse_event(value, headers, KEY), Rejection)


@pytest.mark.parametrize(("topic", "key", "value"), EXAMPLES)
def test_what_services_write_is_its_own_message(topic: str, key: bytes, value: bytes | None) -> None:
    gone = {"handlers": "handler.withdrawn", "chains": "successors.none", "calendars": "calendar.deleted"}
    word = gone[topic] if value is None else json.loads(value).get("type", "watermark")
    assert MESSAGES.of(topic, key, value, []) == [word]


def test_every_message_has_its_example_here_or_on_real_topics() -> None:
    seen = {(topic, name) for topic, key, value in EXAMPLES for name in MESSAGES.of(topic, key, value, [])}
    seen |= {("task-events", name) for word in EVENTS for name in forms(word)}
    every = {(topic.name, name) for topic in TOPICS for name in MESSAGES.names(topic.name)}
    assert every - seen == {("ticker-state", "memory"), ("dead-letters", "dead-letter")}  # see test_records.py


@pytest.mark.parametrize(
    ("word", "changes"),
    [
        ("put", {"task": DEFINED | {"colour": "red"}}),
        ("put", {"task": {"id": TASK}}),
        ("put", {"task": DEFINED | {"id": "no spaces"}}),
        ("put", {"task": DEFINED | {"overlap": "never"}}),
        ("put", {"if_version": -1}),
        ("put", {"note": "n" * 1001}),
        ("pause", {"note": "n" * 1001}),
        ("trigger", {"if_version": 1}),
        ("backfill", {"rate": 0}),
        ("backfill", {"times": []}),
        ("backfill", {"times": [5]}),
        ("cancel", {"run_id": "r"}),
        ("retry", {"attempt": 1}),
        ("retry", {"run": {"run_id": RUN_ID, "task_id": TASK}}),
        ("outcome", {"outcome": "retrying"}),
        ("wait", {"run": {"run_id": RUN_ID, "task_id": TASK}}),
        ("wait", {"lane": "fast"}),
        ("report", {"outcome": "skipped"}),
        ("report", {"attempt": 0}),
    ],
)
def test_what_the_ticker_rejects_for_its_form_is_no_message(word: EventType, changes: dict[str, Any]) -> None:
    data = EVENTS[word] | changes
    value = Command("e-1", TASK, word, data, "d").encoded()
    assert MESSAGES.of("task-events", KEY, value, []) == []
    assert isinstance(parse_event(value, [], KEY), Rejection)
