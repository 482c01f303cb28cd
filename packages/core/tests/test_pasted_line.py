"""What people paste where a cron expression is asked for, and the schedule that they are offered."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tasker_core.errors import FieldError, InvalidInput, Suggestion, field_errors
from tasker_core.schedules.schedule import Schedule
from tasker_core.task import parse_task

SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)


def suggested(value: Any, pointer: str = "") -> Suggestion:
    return Suggestion(pointer=pointer, value=value)


def error_of(schedule: dict[str, Any]) -> FieldError:
    """The only error of a schedule that is refused."""
    with pytest.raises(ValidationError) as error:
        SCHEDULE.validate_python(schedule)
    [found] = field_errors(error.value.errors())
    return found


@pytest.mark.parametrize(
    ("line", "expression", "said"),
    [
        ("0 9 * * * # nightly", "0 9 * * *", "the comment '# nightly'"),
        ("0 9 * * * /usr/bin/backup.sh --all", "0 9 * * *", "the command '/usr/bin/backup.sh --all'"),
        ("0 9 * * * root /usr/bin/x", "0 9 * * *", "the user and the command 'root /usr/bin/x'"),
        ("0 9 * * 1-5 cd /x && ./y >/dev/null 2>&1 # z", "0 9 * * 1-5", "the command 'cd /x && ./y"),
        ("*/5 * * * * php artisan schedule:run", "*/5 * * * *", "the command 'php artisan schedule:run'"),
        ("*/5 * * * * * ./x", "*/5 * * * * *", "the command './x'"),
        ("@daily /usr/bin/x", "@daily", "the command '/usr/bin/x'"),
        ("H H * * * ./build", "H H * * *", "the command './build'"),
        ("'0 9 * * *'", "0 9 * * *", "quotes around it"),
        ('"0 9 * * *",', "0 9 * * *", "quotes around it"),
        ("`0 9 * * *`", "0 9 * * *", "quotes around it"),
        ("\u201c0 9 * * *\u201d", "0 9 * * *", "quotes around it"),
        ("\u201e0 9 * * *\u201c", "0 9 * * *", "quotes around it"),
        ("\ufeff0\u00a09\u200b * * *", "0 9 * * *", "invisible characters"),
        ("0 9 * * 1\u20135", "0 9 * * 1-5", "only look like"),
        ("0 9 \\* \\* \\*", "0 9 * * *", "only look like"),
        ("- cron: '0 9 * * *'  # daily", "0 9 * * *", "the key 'cron', quotes around it, the comment '# daily'"),
        ('schedule: "*/5 * * * *"', "*/5 * * * *", "the key 'schedule'"),
        ('@Scheduled(cron = "0 0 9 * * MON-FRI")', "0 0 9 * * MON-FRI", "an annotation of Spring"),
        ("cron(0 9 * * ? *)", "0 9 * * *", "AWS EventBridge"),
        ("cron(0 9 ? * 2-6 *)", "0 9 * * MON-FRI", "weekdays counted from 1 = Sunday"),
        ("cron(0 9 ? * 6L *)", "0 9 * * FRIL", "AWS"),
        ("cron(0 9 ? * 2#1,7 2027)", "0 0 9 * * MON#1,SAT 2027", "AWS"),
        ("cron(0 9 ? * 2/2 *)", "0 9 * * MON-SAT/2", "AWS"),
        ("cron(0 9 LW * ? *)", "0 9 LW * *", "AWS"),
        ("0 9 ? * MON-FRI *", "0 9 * * MON-FRI", "AWS"),
        ("30 4 1,15 * 5 echo hi", "30 4 1,15 * 5", "the command 'echo hi'"),
        ('0 22 * * 1-5 mail -s "10pm" joe', "0 22 * * 1-5", "the command 'mail -s"),
        ('* * * * * bash -c "x y"', "* * * * *", "has the command 'bash -c \"x y\"'."),
        ("17 * * * * root cd / && run-parts /etc/cron.hourly", "17 * * * *", "the user and the command 'root cd"),
        ("schedule_interval='0 6 * * *'", "0 6 * * *", "the key 'schedule_interval', quotes around it."),
        ("reports.cleanup.cron=0 0 3 * * *", "0 0 3 * * *", "the key 'reports.cleanup.cron'"),
        ("org.quartz.cronExpression: 0 0 12 * * ?", "0 0 12 * * ?", "the key 'org.quartz.cronExpression'"),
        ("triggers { cron('H H(0-7) * * *') }", "H H(0-7) * * *", "a trigger of Jenkins"),
        ('cron("@midnight")', "@midnight", "a trigger of Jenkins"),
        ("MAILTO=a@b.c\n# every day\n0 9 * * * /x\n", "0 9 * * *", "the command '/x'"),
    ],
)
def test_the_expression_is_found(line: str, expression: str, said: str) -> None:
    given_schedule = {"cron": line, "timezone": "Asia/Tokyo", "max_runs": 3}
    error = error_of(given_schedule)
    assert error.pointer == "/cron"
    assert said in error.message
    assert error.suggestion == suggested(given_schedule | {"cron": expression})


@pytest.mark.parametrize(
    ("line", "timezone"),
    [
        ("CRON_TZ=Europe/Berlin 0 9 * * *", "Europe/Berlin"),
        ("TZ=Asia/Tokyo 0 9 * * *", "Asia/Tokyo"),
        ('CRON_TZ="Asia/Tokyo" 0 9 * * * /x', "Asia/Tokyo"),
        ("CRON_TZ=Asia/Tokyo\n0 9 * * * /x", "Asia/Tokyo"),
        ('@Scheduled(cron = "0 9 * * *", zone = "Europe/Paris")', "Europe/Paris"),
        ("0 9 * * * America/New_York", "America/New_York"),
        ("0 9 * * * UTC", "UTC"),
    ],
)
def test_the_time_zone_is_found(line: str, timezone: str) -> None:
    mended = {"cron": "0 9 * * *", "timezone": timezone}
    for more in ({}, {"timezone": "UTC"}):
        assert error_of({"cron": line} | more).suggestion == suggested(mended)


@pytest.mark.parametrize(
    ("line", "every"),
    [
        ("rate(5 minutes)", "PT5M"),
        ("rate(1 day)", "P1D"),
        ('schedule_expression = "rate(2 hours)"', "PT2H"),
        ("every 5 minutes", "PT5M"),
        ("Every hour", "PT1H"),
        ("@every 1h30m", "PT1H30M"),
        ("@every 90s", "PT1M30S"),
    ],
)
def test_an_interval_is_found(line: str, every: str) -> None:
    error = error_of({"cron": line, "timezone": "UTC", "gap": "skip", "spread": "PT5M"})
    assert error.suggestion == suggested({"every": every, "spread": "PT5M"})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("CRON_TZ=Europe/Berlin 0 9 * *", "In the rest, '0 9 * *': 4 fields"),
        ("0 99 * * * /usr/bin/x", "hour: 99 is out of range"),
        ("CRON_TZ=Mars/Phobos 0 9 * * *", "unknown time zone 'Mars/Phobos'"),
        ("0 9 * * * /a\n0 10 * * * /b", "these are 2 lines: make a task of each, or give them as the members of any"),
        ("0 99 *\n* *", "hour: 99 is out of range"),
        ("0 0 9 * * TUS", "weekday: 'TUS' is not known"),
        ("0 0 9 * * TUES", "weekday: 'TUES'"),
        ("0 0 9 * * MON to FRI", "8 fields"),
        ("0 9 * * MONDAY", "weekday: 'MONDAY'"),
        ("@reboot /usr/bin/x", "no boot to wait for"),
        ("every 2.5 hours", "3 fields"),
        ("cron(0 9 * * MON)", "is not understood"),
        ("", "0 fields"),
        ("MAILTO=ops@example.com", "this sets a variable of a crontab; paste the line with the fields"),
        ("TZ=Europe/London", "this sets a variable of a crontab"),
        ("@Scheduled(fixedRate = 5000)", 'without cron; use an interval such as {"every": "PT5S"}'),
        ("OnCalendar=Mon..Fri 09:00", "a calendar event of systemd, which has a notation of its own"),
        ("OnCalendar=daily", "a calendar event of systemd"),
        ("*-*-* 04:00:00", "a calendar event of systemd"),
        ("weekly", "a calendar event of systemd"),
        ("x" * 10_000, "longer than 512"),
    ],
)
def test_nothing_is_guessed(line: str, said: str) -> None:
    error = error_of({"cron": line})
    assert said in error.message
    assert error.suggestion is None


def test_the_pointer_is_that_of_the_schedule() -> None:
    with pytest.raises(InvalidInput) as error:
        parse_task({"id": "a", "schedule": {"cron": "0 9 * * * /x"}})
    assert [e.suggestion for e in error.value.errors] == [suggested({"cron": "0 9 * * *"}, "/schedule")]
    with pytest.raises(InvalidInput) as error:
        parse_task({"id": "a", "schedule": {"any": [{"every": "PT5M"}, {"cron": "0 9 * * * /x"}]}})
    [found] = error.value.errors
    assert found.suggestion == suggested({"cron": "0 9 * * *"}, "/schedule/any/1")


PIECES = st.sampled_from(
    [
        *("# c", "cron(", ")", "rate(5 minutes)", "every 5 minutes", "\n", "\u00a0", "MON", "@every 5m", "@Scheduled("),
        "CRON_TZ=Europe/Berlin",
        "TZ=UTC",
        "cron:",
        "'",
        '"',
        "0 9 * * *",
        "*/5 * * * * *",
        "@daily",
        "H",
        "?",
        "root",
        "/x",
    ]
)


@given(st.lists(PIECES, max_size=6), st.sampled_from([" ", ""]))
def test_what_is_suggested_is_valid(pieces: list[str], between: str) -> None:
    errors: list[FieldError] = []
    try:
        SCHEDULE.validate_python({"cron": between.join(pieces)})
    except ValidationError as error:
        errors = field_errors(error.errors())
    for found in errors:
        if found.suggestion:
            SCHEDULE.validate_python(found.suggestion.value)


@given(st.text(max_size=80))
def test_any_text_is_answered(text: str) -> None:
    found: list[FieldError] = []
    try:
        SCHEDULE.validate_python({"cron": text})
    except ValidationError as error:
        found = field_errors(error.errors())
    assert all(error.message for error in found)
