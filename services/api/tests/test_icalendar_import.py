"""Days from iCalendar files: what is taken, what is left out and why, and files that mean no good."""

from datetime import date

import pytest

from tasker_api.calendars.icalendar_import import ImportedDays, UnreadableFile, import_days

TODAY = date(2026, 11, 28)
HEAD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\nX-WR-CALNAME:Feiertage\r\n"
END = b"END:VCALENDAR\r\n"


def event(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""]).encode()


def imported(*events: bytes, timed: bool = False) -> ImportedDays:
    return import_days(HEAD + b"".join(events) + END, TODAY, timed=timed)


def reasons(found: ImportedDays) -> list[str]:
    return [one.reason for one in found.left_out]


def test_whole_days_are_taken_and_the_end_is_the_day_after() -> None:
    found = imported(
        event("SUMMARY:Karfreitag", "DTSTART;VALUE=DATE:20260403"),
        event("SUMMARY:Weihnachten", "DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227"),
        event("SUMMARY:Brücke", "DTSTART;VALUE=DATE:20260514", "DURATION:P2D"),
        event("SUMMARY:Verkehrt", "DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260501"),
    )
    assert found.entries == ("2026-04-03", "2026-05-14/2026-05-15", "2026-06-01", "2026-12-25/2026-12-26")
    assert (found.name, found.events, found.recurring, found.left_out) == ("Feiertage", 4, 0, [])


def test_recurring_days_are_taken_within_the_horizon_without_exceptions() -> None:
    found = imported(
        event("UID:1", "DTSTART;VALUE=DATE:20001003", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20271003,20281003"),
        event("UID:2", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=YEARLY;COUNT=3"),
        event("UID:2", "RECURRENCE-ID;VALUE=DATE:20270101", "DTSTART;VALUE=DATE:20270104"),
        event("UID:2", "RECURRENCE-ID;VALUE=DATE:20280101", "STATUS:CANCELLED", "DTSTART;VALUE=DATE:20280101"),
        event("UID:3", "DTSTART;VALUE=DATE:20260205", "RDATE;VALUE=DATE:20260212"),
    )
    assert (str(found.since), str(found.through)) == ("2025-01-01", "2036-12-31")
    unity = [f"{year}-10-03" for year in range(2025, 2037) if year not in (2027, 2028)]
    assert set(found.entries) == {*unity, "2026-01-01", "2027-01-04", "2026-02-05", "2026-02-12"}
    assert (found.events, found.recurring) == (4, 3)
    assert reasons(found) == ["is cancelled"]


def test_events_with_a_time_are_left_out_or_their_days_are_taken() -> None:
    events = (
        event(
            "SUMMARY:Abend", "DTSTART;TZID=Europe/Berlin:20260102T220000", "DTEND;TZID=Europe/Berlin:20260103T010000"
        ),
        event("SUMMARY:Tag", "DTSTART:20260110T000000Z", "DTEND:20260111T000000Z"),
    )
    found = imported(*events)
    assert found.entries == ()
    assert [one.summary for one in found.left_out] == ["Abend", "Tag"]
    assert "?timed=days" in reasons(found)[0]
    assert imported(*events, timed=True).entries == ("2026-01-02/2026-01-03", "2026-01-10")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["SUMMARY:x"], "has no DTSTART that is a date"),
        (["DTSTART;VALUE=DATE:garbage"], "has no DTSTART that is a date"),
        (["DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=SECONDLY"], "recurs secondly, which is no matter of days"),
        (["DTSTART;VALUE=DATE:20260101", "RRULE:nonsense"], "its rule is not understood"),
        (["DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=DAILY;BYHOUR=1"], "BYHOUR in a rule says nothing of whole days"),
        (["DTSTART;VALUE=DATE:20260101", "DURATION:P99999D"], "lasts 99,999 days; at most 3,660 are taken"),
        (["DTSTART;VALUE=DATE:19600101"], "lies outside 1970 to 2199"),
        (["DTSTART;VALUE=DATE:99990101", "RRULE:FREQ=DAILY"], "begins at an end of all calendars"),
    ],
)
def test_what_can_not_be_taken_says_why_and_holds_nothing_else_up(lines: list[str], reason: str) -> None:
    found = imported(event(*lines), event("DTSTART;VALUE=DATE:20260501"))
    assert reasons(found) == [reason]
    assert found.entries == ("2026-05-01",)


def test_rules_that_cost_too_much_are_left_out() -> None:
    heavy = event("DTSTART;VALUE=DATE:19700101", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    found = imported(*[heavy] * 1_000, event("DTSTART;VALUE=DATE:20260501"))
    assert len(found.left_out) > 900
    assert "too much work" in reasons(found)[0]
    assert found.entries == ("2026-05-01",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no VCALENDAR"),
        (b"hello", "not understood as iCalendar"),
        (HEAD + b"SUMMARY:\xff\r\n" + END, "line 5 is not UTF-8"),
        (b"BEGIN:VCALENDAR\r\n" * 10_001, "at most 10,000 are taken"),
        (b"BEGIN:VCALENDAR\r\n" * 9_000, "no VCALENDAR"),
        (HEAD + b"BEGIN:VEVENT\r\n" + b"BEGIN:VALARM\r\n" * 9_000, "no VCALENDAR"),
    ],
)
def test_what_is_no_file_of_its_kind_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        import_days(content, TODAY, timed=False)


def test_more_days_than_a_calendar_has_are_refused() -> None:
    days = [event(f"DTSTART;VALUE=DATE:{year}{month:02}{day:02}") for year in range(2026, 2034)
            for month in range(1, 13) for day in range(1, 28, 1 + 1)]  # fmt: skip
    assert len(imported(*days).entries) == 1_344
    more = [event(f"DTSTART;VALUE=DATE:{year}{month:02}{day:02}") for year in range(2034, 2042)
            for month in range(1, 13) for day in range(1, 28, 2)]  # fmt: skip
    with pytest.raises(UnreadableFile, match="at most 2,000"):
        imported(*days, *more)
