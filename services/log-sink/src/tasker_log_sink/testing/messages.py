"""PURE. Messages made up."""

from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Raw

from tasker_core.documents.partitions import WatermarkFields
from tasker_core.messages.base import NULL, encode
from tasker_core.messages.runs import RunFinished, RunStarted
from tasker_core.messages.verdicts import Ended, Finished, Rescheduled, Verdict
from tasker_core.messages.watermark import Burst, CatchUp, Watermark
from tasker_core.time.instant import from_ms, rfc3339
from tasker_log_sink.consuming.decoding import decode_record

NOON_MS: Final = 1_767_268_800_000
"""2026-01-01T12:00:00Z; seconds below count from it."""


def at(second: float) -> str:
    """The wire form of a second after noon."""
    return rfc3339(NOON_MS + int(second * 1000))


def when(second: float) -> datetime:
    """The same as it is stored."""
    return from_ms(NOON_MS + int(second * 1000))


def mark_fields(second: float) -> WatermarkFields:
    """What the watermark of a partition that works off a gap and a burst says."""
    mark = Watermark(
        time=at(second),
        next_offset=4,
        burst=Burst(second=at(second + 1), after_task="m"),
        catch_up=[CatchUp(from_=at(-90), to=at(-30), after_task="b")],
        turn=9,
        owner="ticker-0",
        held=1200,
        version="1.2.3",
        clock_offset_ms=-40,
    )
    fields = decode_record("watermarks", encode(mark)).watermark
    assert fields is not None
    return fields


def verdict(task_id: str, version: int, second: float, **fields: Any) -> bytes:
    """An accepted `put`, unless `event_type` says otherwise, of a task that `task` describes further (None: none)."""
    more: dict[str, Any] | None = fields.pop("task", {})
    task = {"id": task_id, "name": f"v{version}", "schedule": {"cron": "* * * * * *"}, "timeout": "PT1M"}
    defaults: dict[str, Any] = {
        "event_id": f"e{version}",
        "event_type": "put",
        "verdict": "accepted",
        "generation": version,
        "effective_from": at(second),
        "task": NULL if more is None else Raw(msgspec.json.encode(task | more)),
        "next_at": at(second + 1),
    }
    return encode(Verdict(task_id=task_id, version=version, **(defaults | fields)))


def calendar(name: str, version: int, since: float, *days: str, **fields: Any) -> bytes:
    """An accepted `calendar`; with `event_type` "calendar-delete" that it is deleted."""
    content = Raw(msgspec.json.encode({"name": name, "description": f"v{version}", "days": days}))
    defaults: dict[str, Any] = {"event_id": f"e{version}", "event_type": "calendar", "calendar": content}
    if fields.get("event_type") == "calendar-delete":
        defaults["calendar"] = NULL
    more = defaults | fields
    return encode(Verdict(task_id=name, version=version, verdict="accepted", effective_from=at(since), **more))


def rescheduled(task_id: str, version: int, since: float, next_at: float, calendar_version: int) -> bytes:
    """A task handed over to a version of the calendar `closed`."""
    schedule = {"cron": "* * * * * *", "exclude_calendars": ["closed"]}
    task = {"id": task_id, "name": f"v{version}", "schedule": schedule, "timeout": "PT1M"}
    return encode(
        Rescheduled(
            task_id=task_id,
            generation=version,
            version=version,
            calendar="closed",
            calendar_version=calendar_version,
            effective_from=at(since),
            since=at(since),
            next_at=at(next_at),
            calendars={"closed": calendar_version},
            task=Raw(msgspec.json.encode(task)),
        )
    )


def run(run_id: str, task_id: str, version: int, nominal: float, **fields: Any) -> dict[str, Any]:
    """The fields that all reports of a run have."""
    defaults: dict[str, Any] = {
        "run_id": run_id,
        "task_id": task_id,
        "task_name": f"v{version}",
        "generation": version,
        "version": version,
        "nominal_at": at(nominal),
        "effective_at": at(nominal),
        "emitted_at": at(nominal),
        "next_at": at(nominal + 1),
        "received_at": at(nominal + 0.1),
        "started_at": at(nominal + 0.2),
        "worker": "w",
    }
    return defaults | fields


def started(run_id: str, task_id: str, version: int, nominal: float, **fields: Any) -> bytes:
    """A run that is going on."""
    return encode(RunStarted(**run(run_id, task_id, version, nominal, **fields)))


def finished(run_id: str, task_id: str, version: int, nominal: float, **fields: Any) -> bytes:
    """A run that succeeded, unless `outcome` says otherwise."""
    defaults: dict[str, Any] = {"outcome": "succeeded", "finished_at": at(nominal + 0.3)}
    return encode(RunFinished(**run(run_id, task_id, version, nominal, **(defaults | fields))))


def ended(run_id: str, task_id: str, version: int, nominal: float, **fields: Any) -> bytes:
    """A run that the ticker ended: its second attempt was cancelled, unless the fields say otherwise."""
    defaults: dict[str, Any] = {
        "run_id": run_id,
        "task_id": task_id,
        "task_name": f"v{version}",
        "version": version,
        "generation": version,
        "nominal_at": at(nominal),
        "effective_at": at(nominal),
        "attempt": 2,
        "outcome": "cancelled",
        "reason": "cancelled",
        "ended_at": at(nominal + 4),
    }
    return encode(Ended(**(defaults | fields)))


def over_after(task_id: str, nominal: float) -> bytes:
    """The ticker's word that nothing is left of a task."""
    return encode(Finished(task_id=task_id, generation=3, version=3, reason="once", last_nominal=at(nominal)))
