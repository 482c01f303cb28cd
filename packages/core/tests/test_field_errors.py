"""What users are told of a wrong field: where, what, and what is certainly meant."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import AwareDatetime, JsonValue, TypeAdapter, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from tasker_core.errors import FieldError, InvalidInput, MendableValue, Suggestion, field_errors
from tasker_core.schedules.kinds.cron import Cron
from tasker_core.schedules.mended_schedule import with_suggestion
from tasker_core.task import parse_task


def error_of(fields: Mapping[str, Exception]) -> ValidationError:
    """The error of a schedule in which these fields are wrong."""
    return ValidationError.from_exception_data(
        "Cron",
        [
            InitErrorDetails(type=PydanticCustomError("value_error", "{error}", {"error": e}), loc=(name,), input="?")
            for name, e in fields.items()
        ],
    )


def told(given: dict[str, Any], fields: Mapping[str, Exception]) -> list[FieldError]:
    return field_errors(with_suggestion(error_of(fields), given, Cron.model_validate).errors())


def test_a_wrong_field_has_no_suggestion_of_its_own() -> None:
    with pytest.raises(ValidationError) as error:
        TypeAdapter(dict[str, int]).validate_python({"a/b": "x"})
    (found,) = field_errors(error.value.errors())
    assert found.pointer == "/a~1b"
    assert set(found.model_dump()) == {"pointer", "message"}


def test_the_whole_schedule_is_suggested_as_it_is_meant() -> None:
    given = {"cron": "'0 9 * * *'", "start": "2026-01-01T00:00:00Z", "timezone": "europe/berlin"}
    errors = told(
        given,
        {
            "cron": MendableValue("quoted", {"cron": "0 9 * * *"}),
            "timezone": MendableValue("misspelled", {"timezone": "Europe/Berlin"}),
        },
    )
    mended: dict[str, JsonValue] = {"cron": "0 9 * * *", "start": "2026-01-01T00:00:00Z", "timezone": "Europe/Berlin"}
    assert errors == [
        FieldError(pointer="/cron", message="quoted", suggestion=Suggestion(pointer="", value=mended)),
        FieldError(pointer="/timezone", message="misspelled", suggestion=Suggestion(pointer="", value=mended)),
    ]


def test_a_field_can_be_left_out() -> None:
    given = {"cron": "0 9 * * *", "timezone": "UTC", "spread": 60}
    (error,) = told(given, {"timezone": MendableValue("needless", {"timezone": None})})
    assert error.suggestion == Suggestion(pointer="", value={"cron": "0 9 * * *", "spread": "PT1M"})


@pytest.mark.parametrize("given", [{"cron": "'0 9 * * *'", "odd": 1}, {"cron": "'0 9 * * *'", "max_runs": 0}])
def test_nothing_is_suggested_that_would_be_refused_again(given: dict[str, Any]) -> None:
    (error,) = told(given, {"cron": MendableValue("quoted", {"cron": "0 9 * * *"})})
    assert error == FieldError(pointer="/cron", message="quoted")


CRON: dict[str, JsonValue] = {"cron": "0 9 * * *"}


@pytest.mark.parametrize(
    ("given", "pointer", "message"),
    [
        ({"schedule": {"any": []}}, "/schedule/any", "give at least 1 entry"),
        ({"schedule": {"any": [CRON] * 51}}, "/schedule/any", "has 51 entries; at most 50 are taken"),
        ({"schedule": {"any": CRON}}, "/schedule/any", "give a list"),
        ({"schedule": {"manual": False}}, "/schedule/manual", "give true"),
        ({"schedule": CRON | {"max_runs": 0}}, "/schedule/max_runs", "give 1 or more"),
        ({"schedule": CRON | {"max_runs": "many"}}, "/schedule/max_runs", "give a whole number"),
        ({"schedule": CRON | {"max_runs": 1.5}}, "/schedule/max_runs", "give a whole number"),
        ({"schedule": {"cron": 5}}, "/schedule/cron", "give a text"),
        ({"then": ["x"]}, "/then/0", "give an object"),
        ({"then": [{"task": "x", "on": "done"}]}, "/then/0/on", "give 'succeeded', 'failed' or 'any'"),
        ({"max_consecutive_failures": 1001}, "/max_consecutive_failures", "give 1000 or less"),
        ({"paused": "perhaps"}, "/paused", "give true or false"),
        ({"description": "x" * 2001}, "/description", "give at most 2000 characters"),
    ],
)
def test_the_way_out_is_told_in_words_of_json(given: dict[str, JsonValue], pointer: str, message: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_task({"id": "a", "schedule": {"manual": True}} | given)
    assert [(found.pointer, found.message) for found in error.value.errors] == [(pointer, message)]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("yesterday", ""),
        ("2026-12-24", "has no timezone: "),
        ("2026-12-24T18:00:00", "has no timezone: "),
        ("2026-12-24T25:00:00Z", ""),
        ("2026-13-24T18:00:00Z", "month value is not within 1-12: "),
        ([1], ""),
    ],
)
def test_an_instant_that_is_none_is_told_by_an_example(given: JsonValue, why: str) -> None:
    with pytest.raises(ValidationError) as error:
        TypeAdapter(AwareDatetime).validate_python(given)
    (found,) = field_errors(error.value.errors())
    assert found.message == why + "give a date, a time and an offset from UTC, such as 2026-12-24T18:00:00Z"
