"""A calendar from its creation to its end, as a user of REST walks it."""

from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually

FILE = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//\r
BEGIN:VEVENT\r
SUMMARY:New Year\r
DTSTART;VALUE=DATE:20000101\r
RRULE:FREQ=YEARLY\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Party\r
DTSTART:20300102T200000Z\r
END:VEVENT\r
END:VCALENDAR\r
"""


async def test_a_calendar_is_saved_used_changed_and_deleted(system: System) -> None:
    async with system.client() as client:
        made = await client.put("/calendars/holidays", content=FILE, headers={"content-type": "text/calendar"})
        assert made.status_code == 201, made.text
        assert made.json()["imported"]["left_out"][0]["summary"] == "Party"
        assert "2030-01-01" in made.json()["days"]
        # At once, in whichever partitions these are: all know it.
        schedule = {"cron": "0 9 * * *", "exclude_calendars": ["holidays"]}
        for number in range(8):
            answer = await client.put(f"/tasks/daily-{number}", json={"schedule": schedule})
            assert answer.status_code == 201, answer.text
        unknown = await client.put("/tasks/other", json={"schedule": {"cron": "0 9 * * *", "require_calendars": ["x"]}})
        assert unknown.json()["errors"][0]["pointer"] == "/schedule/require_calendars/0"

        every_day = {"days": ["1970-01-01/2199-12-31"]}
        effect = (await client.post("/calendars/holidays/diff", json=every_day | {"ahead": 30})).json()
        assert (effect["tasks_changed"], effect["tasks_without_runs"]) == (8, 8)
        assert 8 * 27 <= effect["removed"] <= 8 * 30
        assert effect["is_complete"]

        etag = (await client.get("/calendars/holidays")).headers["etag"]
        conditional = {"if-match": etag}
        assert (await client.put("/calendars/holidays", json=every_day, headers=conditional)).status_code == 200
        assert (await client.put("/calendars/holidays", json={"days": []}, headers=conditional)).status_code == 412

        async def handed_over() -> bool:
            calendar = (await client.get("/calendars/holidays")).json()
            return (calendar["tasks"], calendar["tasks_behind"]) == (8, 0)

        await eventually(handed_over, "all tasks under the new days")
        tasks = (await client.get("/calendars/holidays/tasks")).json()["items"]
        assert [(task["next_at"], task["state"]) for task in tasks] == [(None, "active")] * 8
        coming = (await client.get("/tasks/daily-3/occurrences", params={"limit": 1, "order": "asc"})).json()["items"]
        assert (coming[0]["status"], coming[0]["reason"]) == ("excluded", "calendar holidays")
        assert "leaves this time out by the calendar `holidays` (version " in coming[0]["text"]
        newest = (await client.get("/tasks/daily-3/history")).json()["items"][0]
        assert (newest["kind"], newest["changes"][0]["pointer"]) == ("calendar_changed", "/calendars/holidays")
        refused = await client.delete("/calendars/holidays")
        assert refused.status_code == 409
        assert "8 tasks use the calendar 'holidays' (daily-0, " in refused.json()["detail"]

        preview = await client.post("/schedules/preview", json={"schedule": schedule})
        assert preview.json()["errors"][0]["pointer"] == "/schedule/exclude_calendars"
        for number in range(8):
            assert (await client.delete(f"/tasks/daily-{number}")).status_code == 204
        assert (await client.delete("/calendars/holidays")).status_code == 204
        assert (await client.get("/calendars/holidays")).status_code == 404
        history = (await client.get("/calendars/holidays/history")).json()["items"]
        assert [(one["deleted"], one["channel"]) for one in history] == [
            (True, "rest"),
            (False, "rest"),
            (False, "rest"),
        ]
