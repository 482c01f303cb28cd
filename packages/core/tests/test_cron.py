"""The promises of the cron dialect, one example each, and what is refused."""

from datetime import datetime
from time import thread_time

import pytest

from tasker_core.cron.expression import NEVER, CronExpression, Fold, Gap
from tasker_core.time.zones import END_OF_TIME, zone


def second(text: str, timezone: str = "UTC") -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone(timezone))).timestamp())


def fires(
    expression: str,
    since: str,
    until: str,
    timezone: str = "UTC",
    gap: Gap = "shift",
    fold: Fold = "first",
) -> list[str]:
    """Every instant in [since, until), walked both ways."""
    cron = CronExpression.parse(expression, timezone, gap, fold)
    begin, end = second(since, timezone), second(until, timezone)
    forward: list[int] = []
    at = cron.next_after(begin - 1)
    while at < end:
        forward.append(at)
        at = cron.next_after(at)
    backward: list[int] = []
    at = cron.previous_before(end)
    while at >= begin:
        backward.append(at)
        at = cron.previous_before(at)
    assert backward[::-1] == forward
    return [datetime.fromtimestamp(at, cron.zone).isoformat(timespec="seconds") for at in forward]


SPRING, AUTUMN = ("2026-03-28T12:00", "2026-03-30T01:00"), ("2026-10-24T12:00", "2026-10-26T01:00")
FIRST, LAST = "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"


@pytest.mark.parametrize(("gap", "expected"), [("shift", ["2026-03-29T03:00:00+02:00"]), ("skip", [])])
def test_a_fixed_time_in_a_gap(gap: Gap, expected: list[str]) -> None:
    assert fires("30 2 * * *", *SPRING, "Europe/Berlin", gap=gap) == expected


@pytest.mark.parametrize(("fold", "expected"), [("first", [FIRST]), ("last", [LAST]), ("both", [FIRST, LAST])])
def test_a_fixed_time_in_a_fold(fold: Fold, expected: list[str]) -> None:
    assert fires("30 2 * * *", *AUTUMN, "Europe/Berlin", fold=fold) == expected


@pytest.mark.parametrize("expression", ["15,45 2 * * *", "0 2,3 * * *", "*/10 30 2 * * *"])
def test_fixed_times_in_one_gap_are_one(expression: str) -> None:
    assert fires(expression, *SPRING, "Europe/Berlin")[:1] == ["2026-03-29T03:00:00+02:00"]
    assert len(fires(expression, "2026-03-29T00:00", "2026-03-29T03:01", "Europe/Berlin")) == 1


def test_interval_like_expressions_follow_elapsed_time() -> None:
    night = fires("*/30 * * * *", "2026-10-25T01:30", "2026-10-25T03:30", "Europe/Berlin")
    assert [at[11:22] for at in night] == [
        *("01:30:00+02", "02:00:00+02", "02:30:00+02", "02:00:00+01", "02:30:00+01", "03:00:00+01"),
    ]
    night = fires("*/30 * * * *", "2026-03-29T01:30", "2026-03-29T04:00", "Europe/Berlin")
    assert [at[11:22] for at in night] == ["01:30:00+01", "03:00:00+02", "03:30:00+02"]
    assert fires("30 1-2 * * *", *SPRING, "Europe/Berlin") == ["2026-03-29T01:30:00+01:00"]
    assert fires("0 */2 * * *", "2026-03-29T01:00", "2026-03-29T05:00", "Europe/Berlin") == [
        "2026-03-29T04:00:00+02:00"
    ]


def test_half_hour_fold_at_lord_howe() -> None:
    day = ("2026-04-05T00:00", "2026-04-06T00:00", "Australia/Lord_Howe")
    assert fires("45 1 * * *", *day) == ["2026-04-05T01:45:00+11:00"]
    assert [at[11:16] for at in fires("*/15 1 * * *", *day)] == ["01:00", "01:15", "01:30", "01:45", "01:30", "01:45"]


def test_a_midnight_that_does_not_exist() -> None:
    assert fires("0 0 * * *", "2026-09-05T12:00", "2026-09-06T12:00", "America/Santiago") == [
        "2026-09-06T01:00:00-03:00"
    ]


def test_a_day_that_does_not_exist() -> None:
    apia = fires("0 9 * * *", "2011-12-29T00:00", "2012-01-01T00:00", "Pacific/Apia")
    assert apia == ["2011-12-29T09:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00"]
    assert len(fires("0 * * * *", "2011-12-29T00:00", "2012-01-01T00:00", "Pacific/Apia")) == 48


YEAR = ("2026-01-01T00:00", "2027-01-01T00:00")


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("0 0 13 * 5", 12 + 52 - 3),  # both restricted: the 13ths, the Fridays, and three that are both
        ("0 0 */10 * 1", 5),  # a star in front: days 1, 11, 21, 31, if Monday
        ("0 0 1 * */2", 8),  # the 1sts that are Sunday, Tuesday, Thursday or Saturday
        ("0 0 L * *", 12),
        ("0 0 15,L * *", 24),
        ("0 0 * * 5L", 12),
        ("0 0 * * LFRI", 12),
        ("0 0 * * FRI#3", 12),
        ("0 0 * * 1#5", 4),
        ("0 0 * * 1#1,5", 12 + 52),
        ("0 0 1 * 1#1", 12 + 12 - 1),
        ("0 0 * * FRI-MON", 208),
        ("0 0 * * 5-7", 52 * 3),
        ("0 0 * * 0-7", 365),
        ("0 0 * * 7", 52),
        ("0 0 * NOV-FEB *", 30 + 31 + 31 + 28),
        ("0 0 28-2 * *", 7 * 4 + 4 * 3 + 1 + 12 * 2),
        ("0 0 5-5 * *", 12),
        ("0 0 29 2 *", 0),
        ("@daily", 365),
        ("@midnight", 365),
        ("@Weekly", 52),
        ("@monthly", 12),
        ("@yearly", 1),
        ("@annually", 1),
    ],
)
def test_days(expression: str, days: int) -> None:
    found = fires(expression, *YEAR)
    assert len(found) == days
    assert all(at.endswith("T00:00:00+00:00") for at in found)


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("@hourly", [f"{h:02}:00:00" for h in range(24)]),
        ("0 22-2/2 * * *", ["00:00:00", "02:00:00", "22:00:00"]),
        ("50-10/10 6 * * *", ["06:00:00", "06:10:00", "06:50:00"]),
        ("5/25 6 * * *", ["06:05:00", "06:30:00", "06:55:00"]),
        ("*/20 30 6 * * *", ["06:30:00", "06:30:20", "06:30:40"]),
        ("  15   0 9 * jan mon-fri ", ["09:00:15"]),
    ],
)
def test_times(expression: str, times: list[str]) -> None:
    assert [at[11:19] for at in fires(expression, "2026-01-05T00:00", "2026-01-06T00:00")] == times


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "0 fields; give 5"),
        ("* * * *", "4 fields; give 5"),
        ("60 * * * *", "minute: 60 is out of range; use 0 to 59"),
        ("0 24 * * *", "hour: 24 is out of range; use 0 to 23"),
        ("0 0 0 * *", "day-of-month: 0 is out of range; use 1 to 31"),
        ("0 0 * 13 *", "month: 13 is out of range; use 1 to 12"),
        ("0 0 * * 8", "weekday: 8 is out of range; use 0 to 7"),
        ("0 0 * foo *", "month: 'FOO' is not known; use 1 to 12 and JAN to DEC"),
        ("0 mon * * *", "hour: 'MON' is not known"),
        ("0 0 30 2 *", "no date ever matches"),
        ("0 0 31 4,6,9,11 *", "no date ever matches"),
        ("0 0 */28 2 1#2", "no date ever matches"),
        ("0 0 0 1 1 * 2026 9", "8 fields"),
        ("0 0 0 1 1 * 1969", "year: 1969 is out of range; use 1970 to 2199"),
        ("0 0 0 1 1 * 2200", "year: 2200 is out of range"),
        ("0 0 0 1 1 * 27", "year: 27 is out of range"),
        ("0 0 0 1 1 * 2030-2027", "write 2027-2030"),
        ("0 0 0 29 2 * 2026-2027", "no date ever matches .*year 2026-2027"),
        ("0 0 31W 2,4 *", "no date ever matches"),
        ("0 0 L-30 4 *", "no date ever matches"),
        ("0 0 1-15W * *", "15W, LW and L-3W"),
        ("0 0 32W * *", "day-of-month: 32 is out of range"),
        ("0 0 L-31 * *", "use L-1 to L-30, or L"),
        ("0 0 L-0 * *", "use L-1 to L-30, or L"),
        ("0 0 * * 5W", "in day-of-month are the nearest working days"),
        ("0 0 * * L-3", "L-3 in day-of-month counts"),
        ("? 0 * * *", "stands alone, in day-of-month or weekday"),
        ("0 0 ?/2 * *", "stands alone"),
        ("0 0 * ? *", "stands alone"),
        ("H * * * *", "minute: H depends on the task's id"),
        ("H/15 * * * *", "minute: H depends on the task's id"),
        ("0 R(0-5) * * *", "hour: R .* not supported"),
        ("@reboot", "'@reboot' is not known"),
        ("@every 5m", "interval"),
        ("@nightly", "use one of @hourly"),
        ("0 0 * * L", "5L is the last Friday"),
        ("0 0 * * 1#6", "use 1 to 5"),
        ("0 0 * * 1#0", "use 1 to 5"),
        ("0 0 * * 1-3#2", "not supported"),
        ("*/0 * * * *", "the step 0 .* not within 1 to 60"),
        ("*/90 * * * *", "use an interval"),
        ("1,,2 * * * *", "remove the comma"),
        ("-5 * * * *", "not understood"),
        ("1.5 * * * *", "not understood"),
        ("٣ * * * *", "not understood"),
        ("0," * 300 + "0 * * * *", "longer than 512"),
    ],
)
def test_refused(expression: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        CronExpression.parse(expression)


def test_unknown_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="did you mean 'Europe/Berlin'"):
        CronExpression.parse("@daily", "Europe/Berln")


def test_equal_expressions_are_one() -> None:
    one = CronExpression.parse("0 9 * * *", "Europe/Berlin")
    assert one is CronExpression.parse("0 9 * * *", "Europe/Berlin")
    assert len({one, CronExpression.parse("0 9 * * *", "Europe/Paris")}) == 2


def test_the_ends_of_time() -> None:
    daily = CronExpression.parse("@daily", "Pacific/Kiritimati")
    assert daily.next_after(END_OF_TIME) == daily.next_after(END_OF_TIME - 60) == NEVER
    assert daily.previous_before(0) == daily.previous_before(-(10**9)) == -NEVER
    assert daily.next_after(-(10**9)) == 10 * 3600 + 40 * 60  # the offset was -10:40 then
    assert daily.previous_before(NEVER) == END_OF_TIME - 14 * 3600


def test_a_leap_day_far_away() -> None:
    assert fires("0 0 29 2 *", "2093-01-01T00:00", "2105-01-01T00:00", "Europe/Berlin") == [
        *("2096-02-29T00:00:00+01:00", "2104-02-29T00:00:00+01:00")
    ]


def within_a_moment(began: float) -> bool:
    return thread_time() - began < 0.25  # of CPU; it takes less than 10 ms


@pytest.mark.parametrize("expression", ["0 0 31 2,4 *", "0 0 */28 2 1#3", "0 0 30 2 *", "0 0 */31 12 0#4"])
def test_impossible_ones_are_refused_at_once(expression: str) -> None:
    began = thread_time()
    with pytest.raises(ValueError, match="no date ever matches"):
        CronExpression.parse(expression)
    assert within_a_moment(began)


@pytest.mark.parametrize("expression", ["0 0 */28 2 1", "0 0 29 2 *", "0 0 */30 12 0#5", "0 0 29 2 1#5"])
def test_sparse_ones_are_answered_at_once(expression: str) -> None:
    began = thread_time()
    cron = CronExpression.parse(expression, "Asia/Gaza")
    found = cron.next_after(second("2096-03-01T00:00"))
    assert cron.previous_before(found) < second("2096-03-01T00:00") < found < NEVER
    assert within_a_moment(began)
