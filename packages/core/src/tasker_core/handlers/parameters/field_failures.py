"""PURE. Errors that lie at a field of a model, though several fields are needed to see them."""

from pydantic import JsonValue
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError


def wrong_at(*place: str | int, message: str, given: JsonValue = None) -> InitErrorDetails:
    """What is wrong at a place."""
    return InitErrorDetails(
        type=PydanticCustomError("field", "{message}", {"message": message}), loc=place, input=given
    )


def refused(*found: InitErrorDetails) -> ValidationError:
    """The error that a validator of the model raises."""
    return ValidationError.from_exception_data("parameters", list(found))
