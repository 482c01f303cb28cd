"""What is said of a name that is no time zone."""

from datetime import UTC, datetime, timedelta

import pytest
import tzdata
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from tzlocal.windows_tz import win_tz

from tasker_core.errors import MendableValue, field_errors
from tasker_core.schedules.schedule import Schedule
from tasker_core.schedules.schedule_notes import notes
from tasker_core.time.cities import CITIES
from tasker_core.time.zone_names import current_names, zone_names
from tasker_core.time.zones import zone

YEAR = int(tzdata.IANA_VERSION[:4]) + 1
"""When every change that was known at the release has come: Vancouver has kept UTC-07:00 since November 2026."""


def refusal(name: str) -> ValueError:
    with pytest.raises(ValueError, match="unknown time zone") as error:
        zone(name)
    return error.value


def meant(name: str) -> str | None:
    """The zone that is suggested; None when none is certain."""
    error = refusal(name)
    return str(error.mended["timezone"]) if isinstance(error, MendableValue) else None


@pytest.mark.parametrize(
    ("name", "offset", "zones"),
    [
        ("GMT+5", "UTC+05:00", "all year in Asia/Yekaterinburg, Asia/Karachi"),
        ("UTC+5", "UTC+05:00", "all year in Asia/Yekaterinburg, Asia/Karachi"),
        ("utc +05", "UTC+05:00", "Asia/Karachi"),
        ("+05:00", "UTC+05:00", "Asia/Karachi"),
        ("+0530", "UTC+05:30", "all year in Asia/Kolkata, Asia/Colombo"),
        ("UTC-03:30", "UTC-03:30", "in January in America/St_Johns"),
        ("UTC\u22128", "UTC-08:00", "in January in America/Los_Angeles, America/Tijuana"),
        ("UTC+1", "UTC+01:00", "all year in Africa/Lagos; in January in Europe/Budapest"),
        ("Etc/UTC+5", "UTC+05:00", "Asia/Karachi"),
        ("UTC+07:17", "UTC+07:17", "No zone has it"),
    ],
)
def test_an_offset_is_told_with_the_zones_that_have_it(name: str, offset: str, zones: str) -> None:
    assert f"a fixed offset, {offset}, and no zone" in str(refusal(name))
    assert zones in str(refusal(name))
    assert meant(name) is None


def test_the_trap_of_the_sign() -> None:
    said = "it is 'Etc/GMT-5': there the sign is turned round, and 'Etc/GMT+5' is UTC-05:00"
    assert said in str(refusal("GMT+5"))
    assert zone("Etc/GMT+5").utcoffset(datetime(2026, 1, 1)) == timedelta(hours=-5)  # noqa: DTZ001 - of any moment
    assert "Etc" not in str(refusal("UTC+5:30"))
    assert "Etc" not in str(refusal("UTC-13"))


def test_a_schedule_with_a_turned_sign_says_so() -> None:
    adapter: TypeAdapter[Schedule] = TypeAdapter(Schedule)
    said = {name: notes(adapter.validate_python({"cron": "0 9 * * *", "timezone": name})) for name in zone_names()}
    assert said["Etc/GMT+5"] == ["Etc/GMT+5 is UTC-05:00: the names of Etc have the sign turned round"]
    assert said["Etc/GMT-14"] == ["Etc/GMT-14 is UTC+14:00: the names of Etc have the sign turned round"]
    assert sum(1 for found in said.values() if found) == 26


@pytest.mark.parametrize("minutes", range(-14 * 60, 14 * 60 + 1, 15))
def test_the_zones_of_an_offset_have_it(minutes: int) -> None:
    sign, hours = "-" if minutes < 0 else "+", abs(minutes) // 60
    text = str(refusal(f"{sign}{hours:02}:{abs(minutes) % 60:02}"))
    for when, month in (("in January in ", 1), ("in July in ", 7), ("all year in ", 3)):
        if when in text:
            names = text.partition(when)[2].split(";")[0].split(". ")[0].split(", ")
            at = datetime(YEAR, month, 15, tzinfo=UTC)
            assert {at.astimezone(zone(name)).utcoffset() for name in names} == {timedelta(minutes=minutes)}, text


@pytest.mark.parametrize("name", ["UTC+0", "+00:00", "GMT+00:00", "Z", "utc", "u.t.c"])
def test_no_offset_is_utc(name: str) -> None:
    assert meant(name) == "UTC"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("EST5EDT4", "as POSIX writes them, here with UTC-05:00 as standard time"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "with UTC+01:00 as standard time"),
        ("<+03>-3", "with UTC+03:00 as standard time"),
        ("PST", "name one such as America/Los_Angeles, America/Tijuana"),
        ("Eastern", "did you mean America/Toronto, America/New_York?"),
        ("cest", "name one such as Europe/Budapest, Europe/Warsaw, Europe/Paris, Europe/Berlin"),
        ("IST", "an abbreviation"),
        ("UTC+25", "no clock is that far from UTC"),
        ("Germany", "a country with several zones; name one such as Europe/Berlin"),
        ("Europe/Berln", "did you mean 'Europe/Berlin'?"),
        ("America/Nwe_York", "give an IANA name such as 'Europe/Berlin' or 'UTC'"),
        ("Mars/Phobos", "give an IANA name such as"),
        ("", "give an IANA name such as"),
        ("x" * 500, f"unknown time zone '{'x' * 64}'; give"),
    ],
)
def test_what_is_not_certain_is_told_and_not_suggested(name: str, said: str) -> None:
    assert said in str(refusal(name))
    assert meant(name) is None


@pytest.mark.parametrize(
    ("name", "zone_name"),
    [
        ("europe/berlin", "Europe/Berlin"),
        (" Europe / Berlin ", "Europe/Berlin"),
        ("Europe\\Berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("new_york", "America/New_York"),
        ("US/New York", "America/New_York"),
        ("Asia/Berlin", "Europe/Berlin"),
        ("S\u00e3o Paulo", "America/Sao_Paulo"),
        ("Kiev", "Europe/Kyiv"),
        ("Calcutta", "Asia/Kolkata"),
        ("Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("Vietnam", "Asia/Ho_Chi_Minh"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("india standard time", "Asia/Kolkata"),
        ("Asia/Hanoi", "Asia/Ho_Chi_Minh"),
        ("Asia/Beijing", "Asia/Shanghai"),
        ("Mumbai", "Asia/Kolkata"),
        ("Bangalore", "Asia/Kolkata"),
        ("America/San_Francisco", "America/Los_Angeles"),
        ("Washington, D.C.", "America/New_York"),
        ("Europe/M\u00fcnchen", "Europe/Berlin"),
    ],
)
def test_what_is_certain_is_suggested(name: str, zone_name: str) -> None:
    assert meant(name) == zone_name


def test_a_city_gets_no_other_city() -> None:
    others = (
        "Asia/Hanoi Europe/Turin Europe/Bern Europe/Munich America/Houston America/Boston America/Austin "
        "America/Dallas "
        "America/Salem America/Medellin America/Quito Asia/Osaka Asia/Busan Asia/Pune Asia/Mecca Africa/Durban "
        "Europe/Ghent Europe/Porto Europe/Lyon Europe/Milan Europe/Cork Asia/Lahore Asia/Wuhan Europe/Graz "
        "Asia/Surat "
        "Africa/Kano Africa/Fes America/Leon America/Cali America/Reno America/Tulsa Europe/Brno Europe/Lodz "
        "Asia/Medan "
        "Australia/Cairns Europe/Odessa Europe/Nantes America/Fresno Asia/Agra Europe/Parma Europe/Essen Africa/Oran"
    )
    for name in others.split():
        error = refusal(name)
        known = CITIES.get(name.partition("/")[2])
        assert meant(name) == known, name
        assert known or "give an IANA name" in str(error), error


def test_the_tables_name_zones_of_today() -> None:
    for city, name in CITIES.items():
        assert name in zone_names()
        assert name not in current_names()
        assert meant(city) == name, city
    for windows in win_tz:
        if not windows.startswith("UTC"):  # these are offsets
            assert meant(windows) in zone_names(), windows


def test_each_zone_is_found_by_its_own_name_in_another_case() -> None:
    for name in zone_names():
        if (lower := name.lower()) not in zone_names():
            assert meant(lower) == name


def test_the_schedule_is_suggested_with_the_zone() -> None:
    adapter: TypeAdapter[Schedule] = TypeAdapter(Schedule)
    for given_schedule in (
        {"cron": "0 9 * * *", "timezone": "Asia/Hanoi"},
        {"at": "2030-01-01T09:00", "timezone": "Asia/Hanoi"},
        {"every": "P1D", "at": "09:00", "timezone": "Asia/Hanoi"},
        {"any": [{"cron": "0 9 * * *"}], "timezone": "Asia/Hanoi"},
    ):
        with pytest.raises(ValidationError) as error:
            adapter.validate_python(given_schedule)
        suggestions = [found.suggestion.value for found in field_errors(error.value.errors()) if found.suggestion]
        assert suggestions == [given_schedule | {"timezone": "Asia/Ho_Chi_Minh"}]


@given(st.text(max_size=80) | st.text("GMTUC+-:0123456789/ EDS", max_size=12))
def test_any_name_is_answered(name: str) -> None:
    if name not in zone_names():
        suggestion = meant(name)
        assert suggestion is None or suggestion in zone_names()
