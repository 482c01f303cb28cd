"""Several schedules in one: the union of their times, one occurrence for equal ones, options for the whole."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tasker_core.errors import field_errors, pointer
from tasker_core.schedules.description import describe
from tasker_core.schedules.occurrences import WORK, NothingUntil, Occurrence, is_excluded, search, search_back
from tasker_core.schedules.schedule import NEVER, Schedule, from_json
from tasker_core.schedules.schedule_notes import notes
from tasker_core.testing import next_effective
from tasker_core.time.zones import DAY, utc

parse = TypeAdapter[Schedule](Schedule).validate_python
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Antarctica/Troll"]
CRONS = ["0 9 * * *", "30 2 * * *", "*/20 1-3 * * *", "15 0,12 * * 1", "0 0 29 2 *", "0 0 1 * *", "30 1 * * 0"]
EVERY = ["PT7M", "PT1H", "PT5H", "P1D", "PT36H"]
CHANGES = ["2026-03-28T12:00Z", "2026-10-24T12:00Z", "2026-04-04T03:00Z", "2026-09-05T12:00Z", "2026-06-01T00:00Z"]


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def cron(expression: str, timezone: str, fold: str) -> dict[str, Any]:
    return {"cron": expression, "timezone": timezone, "fold": fold}


def interval(every: str, hour: int) -> dict[str, Any]:
    return {"every": every, "anchor": f"2026-03-28T{hour:02}:00:00Z"}


def calendar(every: str, timezone: str) -> dict[str, Any]:
    return {"every": every, "at": "02:30", "timezone": timezone, "anchor": "2026-01-31"}


def instant(text: str) -> dict[str, Any]:
    return {"at": text}


def moment(day: str, more: int) -> int:
    return second(day) + more


IN_ZONES = st.sampled_from(ZONES)
FOLDS = st.sampled_from(["first", "last", "both"])
MEMBERS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(cron, st.sampled_from(CRONS), IN_ZONES, FOLDS),
    st.builds(interval, st.sampled_from(EVERY), st.integers(0, 23)),
    st.builds(calendar, st.sampled_from(["P1D", "P2W", "P1M"]), IN_ZONES),
    st.builds(instant, st.sampled_from(CHANGES)),
)
MANY = st.lists(MEMBERS, min_size=1, max_size=5)
AT = st.builds(moment, st.sampled_from(CHANGES), st.integers(-DAY, 2 * DAY))


@given(members=MANY, asked=st.lists(AT, min_size=1, max_size=8))
def test_it_is_the_union_of_its_members_wherever_one_asks(members: list[Any], asked: list[int]) -> None:
    whole, single = parse({"any": members}), [parse(member) for member in members]
    for at in asked:
        found = whole.next_after(at)
        assert found == min(member.next_after(at) for member in single)
        assert whole.previous_before(at) == max(member.previous_before(at) for member in single)
        if found < NEVER:
            assert whole.members_at(found) == [
                i for i, member in enumerate(single) if member.next_after(found - 1) == found
            ]


@given(
    members=MANY,
    timezone=st.sampled_from(ZONES),
    exclude=st.lists(
        st.sampled_from(
            ["30 2 * * *", "* 0-3 * * *", "0 9 * * *", "* * * * 0", "2026-03-29", "*/20 * * * *", "0 * * * *"]
        ),
        min_size=1,
        max_size=3,
    ),
    at=AT,
)
def test_exclusions_are_read_at_the_clock_of_the_whole(
    members: list[Any], timezone: str, exclude: list[str], at: int
) -> None:
    whole = parse({"any": members, "timezone": timezone, "exclude": exclude})
    expected, until = at, at + 3 * DAY
    while (expected := whole.next_after(expected)) < until and is_excluded(whole, expected):
        pass
    found = search(whole, at)
    while isinstance(found, NothingUntil) and found.checkpoint < until:
        found = search(whole, found.checkpoint)
    assert (found.checkpoint if isinstance(found, NothingUntil) else found.nominal) >= min(expected, until)
    assert isinstance(found, NothingUntil) or found.nominal >= until or found.nominal == expected
    if expected < until:
        back = search_back(whole, expected + 1)
        assert not isinstance(back, NothingUntil)
        assert back.nominal == expected


SPARSE: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(cron, st.sampled_from(["0 9 * * *", "30 2 * * *", "15 0,12 * * 1", "30 1 1 * *"]), IN_ZONES, FOLDS),
    st.builds(interval, st.sampled_from(["P1D", "PT36H", "P30D"]), st.integers(0, 23)),
    st.builds(calendar, st.sampled_from(["P1D", "P2W", "P1M"]), IN_ZONES),
    st.builds(instant, st.sampled_from(CHANGES)),
)


@settings(max_examples=60, deadline=None)
@given(
    members=st.lists(SPARSE, min_size=1, max_size=5),
    timezone=IN_ZONES,
    exclude=st.lists(
        st.sampled_from(
            ["30 2 * * *", "* 0-8 * * *", "0 9 * * *", "* 9-23 * * 1-5", "* * * 5,6 *", "2026-03-29/2026-04-20"]
        ),
        min_size=1,
        max_size=4,
    ),
    at=AT,
    work=st.sampled_from([1, 20, 100, WORK]),
)
def test_members_are_ruled_out_for_long_without_losing_what_is_left(
    members: list[Any], timezone: str, exclude: list[str], at: int, work: int
) -> None:
    whole, until = parse({"any": members, "timezone": timezone, "exclude": exclude}), at + 200 * DAY
    expected, after = list[int](), at
    while (after := whole.next_after(after)) < until:
        if not is_excluded(whole, after):
            expected.append(after)
    forth, after = list[int](), at
    while after < until:
        found = search(whole, after, work=work)
        assert found[0] > after
        after = found[0]
        if isinstance(found, Occurrence) and after < until:
            forth.append(after)
    back, before = list[int](), until
    while before > at:
        found = search_back(whole, before, work=work)
        assert found[0] < before
        before = found[0]
        if isinstance(found, Occurrence) and before > at:
            back.append(before)
    assert forth == expected
    assert back[::-1] == expected


@given(members=MANY, offset=st.integers(1, DAY), at=AT)
def test_spread_comes_before_the_next_time_of_any_member(members: list[Any], offset: int, at: int) -> None:
    whole = parse({"any": members, "spread": "P1D"})
    first = next_effective(whole, at, offset)
    if first.nominal < NEVER:
        assert at < first.effective < whole.next_after(first.nominal)
        assert first.effective <= first.nominal + offset
        assert next_effective(whole, first.effective, offset).nominal == whole.next_after(first.nominal)


def test_equal_times_are_one_occurrence() -> None:
    whole = parse({"any": [{"cron": "0 9 * * *"}, {"every": "PT3H", "anchor": "2026-01-01T00:00Z"}]})
    nine = second("2026-06-01T09:00Z")
    assert whole.next_after(nine - 1) == nine
    assert whole.members_at(nine) == [0, 1]
    assert whole.next_after(nine) == nine + 3 * 3600
    assert whole.members_at(nine + 3 * 3600) == [1]


def test_the_zone_is_that_of_members_that_name_none() -> None:
    members = [{"cron": "0 9 * * *"}, {"at": "2026-06-01T09:30"}, {"cron": "0 9 * * *", "timezone": "UTC"}]
    whole = parse({"any": members, "timezone": "Europe/Berlin"})
    at, found = second("2026-06-01T00:00Z"), list[str]()
    for _ in range(3):
        found.append(f"{utc(at := whole.next_after(at)):%H:%M}")
    assert found == ["07:00", "07:30", "09:00"]
    assert whole.zone_name == "Europe/Berlin"
    # What is stored stays as it was written: an edit of the zone moves those that name none.
    assert b'{"cron":"0 9 * * *","gap"' in whole.model_dump_json(exclude_none=True).encode()


@pytest.mark.parametrize(
    ("members", "name"),
    [
        ([{"cron": "0 9 * * *", "timezone": "Europe/Berlin"}, {"every": "PT1H"}], "Europe/Berlin"),
        ([{"cron": "0 9 * * *"}, {"cron": "0 8 * * *"}], "UTC"),
        ([{"every": "PT1H"}, {"at": "2026-06-01T09:30Z"}], None),
        ([{"cron": "0 9 * * *", "timezone": "Europe/Berlin"}, {"cron": "0 9 * * *"}], None),
    ],
)
def test_its_own_clock_without_a_zone(members: list[Any], name: str | None) -> None:
    assert parse({"any": members}).zone_name == name


WRONG: list[tuple[dict[str, Any], tuple[str | int, ...], str]] = [
    ({"any": []}, ("any",), "at least 1"),
    ({"any": [{"cron": "@daily"}] * 51}, ("any",), "at most 50"),
    ({"any": [{"cron": "@daily"}, {"cron": "0 24 * * *"}]}, ("any", 1, "cron"), "hour: 24 is out of range"),
    ({"any": [{"at": "2026-06-01T09:00"}]}, ("any", 0, "at"), "add an offset or a timezone"),
    ({"any": [{"any": [{"cron": "@daily"}]}]}, ("any", 0, "any"), "put its members into this one"),
    ({"any": [{"manual": True}]}, ("any", 0, "manual"), "leave it out"),
    ({"any": [{"cron": "@daily", "max_runs": 3}]}, ("any", 0, "max_runs"), "beside `any`"),
    ({"any": [{"every": "PT1H", "spread": "PT5M"}]}, ("any", 0, "spread"), "beside `any`"),
    ({"any": [{"every": "P1M"}]}, ("any", 0, "every"), "give `at`"),
    ({"any": [{"every": "P1M", "at": "25:00"}]}, ("any", 0, "at"), "09:00"),
    ({"any": ["@daily"]}, ("any", 0), "give an object"),
    ({"any": [{}]}, ("any", 0), "exactly one of at, cron, every"),
    ({"any": [{"cron": "@daily"}], "timezone": "Berlin"}, ("timezone",), "Europe/Berlin"),
    ({"any": [{"every": "PT1H"}], "start": "2026-01-01T00:00"}, ("start",), "add an offset"),
    (
        {"any": [{"cron": "@daily"}, {"cron": "@daily", "timezone": "Asia/Tokyo"}], "exclude": ["2026-12-25"]},
        ("exclude",),
        "give `timezone`",
    ),
    (
        {"any": [{"cron": "@daily"}, {"cron": "@daily", "timezone": "Asia/Tokyo"}], "end": "2026-12-25T00:00"},
        ("end",),
        "timezone",
    ),
]


@pytest.mark.parametrize(("fields", "place", "said"), WRONG)
def test_errors_lie_at_the_field_of_the_member(fields: dict[str, Any], place: tuple[str | int, ...], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parse(fields)
    errors = field_errors(caught.value.errors())
    assert [error.pointer for error in errors] == [pointer(place)]
    assert said in errors[0].message


def test_words_and_notes() -> None:
    members = [{"cron": "0 9 * * 1-5"}, {"cron": "0 12 * * 6"}, {"at": "2026-12-24T18:00"}, {"cron": "0 0 13 * 5"}]
    whole = parse({"any": members, "timezone": "Europe/Berlin", "max_runs": 9})
    assert describe(whole) == (
        "At 09:00, Monday through Friday, Europe/Berlin; at 12:00, on Saturday, Europe/Berlin; "
        "once, on 24 December 2026 at 18:00, Europe/Berlin (+01:00); and 1 more, at most 9 times"
    )
    assert notes(whole) == ["any/3: day-of-month and weekday are both restricted: a day matches if either does"]


def test_what_is_stored_reads_back_and_asking_leaves_it_equal() -> None:
    read = parse(
        {"any": [{"cron": "@daily"}, {"every": "PT1H", "anchor": "2026-01-01T00:00Z"}], "exclude": ["* 3 * * *"]}
    )
    assert read.next_after(0) > 0
    text = read.model_dump_json(exclude_none=True).encode()
    assert text.startswith(b'{"any":[{"cron":"@daily"')
    assert from_json(text) == read
    assert hash(from_json(text)) == hash(read)


def test_what_members_leave_out_is_not_written_as_null() -> None:
    members: list[dict[str, Any]] = [{"cron": "@daily"}, {"every": "PT1H"}, {"at": "2027-01-01T00:00Z"}]
    members.append({"every": "P1M", "at": "09:00"})
    written = parse({"any": members}).model_dump(mode="json")
    assert "timezone" not in written
    assert [{name for name, value in member.items() if value is None} for member in written["any"]] == [set()] * 4
