"""What a refused schedule is certainly meant to be, put beside the errors of its fields."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from tasker_core.errors import MENDED, MendableValue


def with_suggestion(
    error: ValidationError, given: Mapping[str, Any], validate: Callable[[Mapping[str, Any]], BaseModel]
) -> ValidationError:
    """The same error, with the mended schedule in the context of each MendableValue; as it is where that is not valid.

    `validate` makes a schedule of what was given, with the fields of all the MendableValues put in.
    """
    details = error.errors(include_url=False)
    causes = [_mendable(detail.get("ctx", {})) if len(detail["loc"]) == 1 else None for detail in details]
    fields = dict(given)
    for cause in causes:
        fields |= cause.mended if cause else {}
    if not any(causes):
        return error
    try:
        schedule = validate({name: value for name, value in fields.items() if value is not None})
    except (ValidationError, ValueError):
        return error
    mended = schedule.model_dump(mode="json", exclude_unset=True)
    return ValidationError.from_exception_data(
        error.title,
        [
            InitErrorDetails(
                type=PydanticCustomError(
                    "schedule",
                    "{message}",
                    {"message": detail["msg"].removeprefix("Value error, "), **({MENDED: mended} if cause else {})},
                ),
                loc=detail["loc"],
                input=detail["input"],
            )
            for detail, cause in zip(details, causes, strict=True)
        ],
    )


def _mendable(context: Mapping[str, Any]) -> MendableValue | None:
    cause = context.get("error")
    return cause if isinstance(cause, MendableValue) else None
