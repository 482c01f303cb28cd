"""The dates of recurring events, against python-dateutil where that follows RFC 5545."""

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice, takewhile
from typing import Any, cast

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from tasker_api.calendars.recurrence import DayRule, UnusableRule

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
THROUGH = date(2040, 12, 31)


def few(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=1, max_size=3, unique=True)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Rules that match something each year, on which dateutil does not look on for ever."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    rule: dict[str, list[Any]] = {"FREQ": [frequency], "INTERVAL": [draw(st.integers(1, 2))]}
    optional: dict[str, st.SearchStrategy[list[Any]]] = {
        "BYMONTH": few(st.integers(1, 12)),
        "COUNT": st.integers(1, 9).map(lambda one: [one]),
        "WKST": st.sampled_from(WEEKDAYS).map(lambda one: [one]),
    }
    nth = few(st.sampled_from([f"{n}{day}" for n in (1, 2, -1) for day in WEEKDAYS]))
    plain = few(st.sampled_from(WEEKDAYS))
    kinds = {"DAILY": ["BYDAY"], "WEEKLY": ["BYDAY"], "MONTHLY": ["BYDAY", "BYMONTHDAY"], "YEARLY": []}[frequency]
    if frequency == "YEARLY":
        kinds = ["BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"]
    for name in draw(st.sets(st.sampled_from(sorted(optional)))):
        rule[name] = draw(optional[name])
    match draw(st.sampled_from(kinds)):
        case "BYDAY":
            rule["BYDAY"] = draw(st.one_of(plain, nth) if frequency in ("MONTHLY", "YEARLY") else plain)
        case "BYMONTHDAY":
            rule["BYMONTHDAY"] = draw(few(st.sampled_from([1, 13, 28, -1, -2])))
        case "BYYEARDAY":
            rule.pop("BYMONTH", None)
            rule["BYYEARDAY"] = draw(few(st.sampled_from([1, 60, 100, 365, -1, -366])))
        case _:
            rule.pop("BYMONTH", None)
            rule |= {"BYWEEKNO": draw(few(st.sampled_from([1, 2, 20, -1]))), "BYDAY": draw(plain)}
    if frequency in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        rule["BYSETPOS"] = draw(few(st.sampled_from([1, -1])))
    return rule


@given(rules(), st.dates(date(2000, 1, 1), date(2030, 12, 31)))
def test_dates_are_those_of_the_library(rule: dict[str, list[Any]], first: date) -> None:
    text = ";".join(f"{name}={','.join(map(str, values))}" for name, values in rule.items())
    theirs: Any = rrule.rrulestr(text, dtstart=datetime.combine(first, time()))
    days: Iterator[date] = (at.date() for at in cast("Iterator[datetime]", islice(theirs, 20_000)))
    expected = list(takewhile(lambda at: at <= THROUGH, days))
    assert list(DayRule(rule, first).dates(THROUGH)) == expected


@given(few(st.integers(1, 53)), st.integers(-53, -1), few(st.sampled_from(WEEKDAYS)))
def test_weeks_are_numbered_as_in_iso_8601(weeks: list[int], from_end: int, days: list[str]) -> None:
    """Which dateutil 2.9 does not do at the turn of a year: it takes 2011-01-01 for a day of week 53."""
    rule: dict[str, list[Any]] = {"FREQ": ["YEARLY"], "BYWEEKNO": [*weeks, from_end], "BYDAY": days}
    expected: list[date] = []
    for ordinal in range(date(2000, 1, 1).toordinal(), THROUGH.toordinal() + 1):
        year, week, weekday = date.fromordinal(ordinal).isocalendar()
        last = date(year, 12, 28).isocalendar().week
        if week in (*weeks, last + 1 + from_end) and WEEKDAYS[weekday - 1] in days:
            expected.append(date.fromordinal(ordinal))
    assert list(DayRule(rule, date(2000, 1, 1)).dates(THROUGH)) == expected


def dates(first: date, **rule: Any) -> list[str]:
    named: dict[str, Any] = {name.upper(): value for name, value in rule.items()}
    return [str(at) for at in islice(DayRule(named, first).dates(THROUGH), 4)]


def test_where_the_library_goes_ways_of_its_own() -> None:
    first = date(2000, 1, 1)
    assert dates(first, freq="YEARLY", byweekno=1)[:2] == ["2000-01-08", "2001-01-06"], "the weekday is the first day's"
    several = dates(first, freq="MONTHLY", byday=["MO", "2TU"])
    assert several == ["2000-01-03", "2000-01-10", "2000-01-11", "2000-01-17"], "either of both"
    weekly = dates(first, freq="WEEKLY", byday=["MO", "SA"], bysetpos=1)
    assert weekly[:2] == ["2000-01-03", "2000-01-10"], "also the week in which it begins is a whole one"


def test_what_matches_nothing_ends() -> None:
    assert dates(date(1970, 1, 1), freq="DAILY", bymonth=2, bymonthday=30) == []
    with pytest.raises(UnusableRule):
        dates(date(9999, 12, 1), freq="YEARLY")


@pytest.mark.parametrize(
    "rule",
    [
        {"FREQ": ["SECONDLY"]},
        {},
        {"FREQ": ["DAILY"], "BYHOUR": [1]},
        {"FREQ": ["DAILY"], "INTERVAL": [0]},
        {"FREQ": ["DAILY"], "COUNT": [-1]},
        {"FREQ": ["DAILY"], "BYMONTH": ["x"]},
        {"FREQ": ["DAILY"], "BYMONTHDAY": [32]},
        {"FREQ": ["DAILY"], "BYDAY": ["XX"]},
        {"FREQ": ["DAILY"], "BYYEARDAY": [1] * 500},
    ],
)
def test_what_says_nothing_of_days_is_refused(rule: dict[str, list[Any]]) -> None:
    with pytest.raises(UnusableRule):
        DayRule(rule, date(2026, 1, 1))
