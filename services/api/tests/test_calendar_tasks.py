"""What is asked of a task whose schedule names a calendar."""

from typing import Any

import httpx
import pytest

from tasker_api.testing.document_writer import NOON
from tasker_api.testing.running_api import RunningApi

SCHEDULE = '{"cron":"0 * * * *","timezone":"UTC","exclude_calendars":["holidays"]}'
RANGE = {"start": "2025-12-25T00:00:00Z", "end": "2025-12-27T00:00:00Z", "dry_run": True}
QUESTIONS: list[tuple[str, str, Any]] = [
    ("GET", "/tasks", None),
    ("GET", "/tasks/a", None),
    ("GET", "/tasks/a/history", None),
    ("GET", "/tasks/a/occurrences", None),
    ("GET", "/tasks/a/occurrences?from=2025-12-25T00:00:00Z&to=2025-12-26T00:00:00Z", None),
    ("GET", "/tasks/a/stats", None),
    ("GET", "/calendars/holidays/tasks", None),
    ("GET", "/forecast", None),
    ("POST", "/tasks/a/backfills", RANGE),
    ("POST", "/tasks/a/backfills", {"only": "missed", "dry_run": True}),
    ("POST", "/tasks/a/backfills", {"only": "failed", "dry_run": True}),
    ("POST", "/schedules/diff", {"before": {"task_id": "a"}, "after": {"cron": "0 * * * *"}}),
    ("POST", "/schedules/preview", {"schedule": {"cron": "0 * * * *", "exclude_calendars": ["holidays"]}}),
    ("POST", "/calendars/holidays/diff", {"days": []}),
]


@pytest.mark.parametrize("days", ["known", "deleted", "unknown"])
async def test_whatever_is_asked_of_it_is_answered(api: RunningApi, client: httpx.AsyncClient, days: str) -> None:
    uses = [{"name": "holidays", "version": 1}]
    await api.documents.task("a", schedule_json=SCHEDULE, timing=SCHEDULE, calendars=uses)
    await api.documents.revision("a", 1, calendars={"holidays": 1})
    await api.documents.missed("a", NOON, NOON)
    await api.documents.run("r", state="failed")
    if days != "unknown":
        await api.documents.calendar("holidays", ["2025-12-25"], deleted=days == "deleted")
    for method, path, body in QUESTIONS:
        answer = await client.request(method, path, json=body)
        expected = {200}
        if days != "known" and path == "/schedules/preview":  # of no task that is under it
            expected = {422}
        elif days != "known" and path == "/calendars/holidays/diff":  # as for one to be made
            expected = {200, 404}
        elif days == "unknown" and ("/backfills" in path or path == "/schedules/diff"):
            expected = {200, 409}
        assert answer.status_code in expected, (method, path, body, answer.text)
        if path.endswith("/backfills") and body is RANGE and days != "unknown":
            assert answer.json()["count"] == 24
