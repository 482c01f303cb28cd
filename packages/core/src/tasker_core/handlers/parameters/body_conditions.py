"""PURE. What a task may expect of the body of an answer, besides its status."""

import re
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from tasker_core.handlers.pattern_cost import pattern_places
from tasker_core.handlers.text_pattern import MAX_PATTERN_PLACES, TextPattern

MAX_CONDITIONS: Final = 20
_POINTER: Final = re.compile(r"(?:/(?:[^~/]|~[01])*)*")
_OF_TEXTS: Final = ("contains", "lacks", "matches")
_OF_VALUES: Final = ("equals", "one_of", "exists")


def _a_pointer(text: str) -> str:
    if _POINTER.fullmatch(text) is None:
        raise ValueError('must be a JSON pointer (RFC 6901) such as /status or /items/0/id; "" is the whole body')
    return text


JsonPointer = Annotated[str, StringConstraints(max_length=1_000), AfterValidator(_a_pointer)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class BodyCondition(BaseModel):
    """One thing that must hold for the body of an answer: exactly one of the words besides `pointer`.

    With a `pointer` the body is read as JSON, and what stands there `equals` a value, is `one_of` several, or `exists`
    (or not: false). `contains`, `lacks` and `matches` (a regular expression, found anywhere) are about the text of what
    stands there, and without a `pointer` about the whole body.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pointer: JsonPointer | None = None
    equals: JsonValue = None
    one_of: Annotated[tuple[JsonValue, ...], Field(min_length=1, max_length=50)] | None = None
    exists: bool | None = None
    contains: Words | None = None
    lacks: Words | None = None
    matches: TextPattern | None = None

    @model_validator(mode="after")
    def _one_word(self) -> Self:
        given = self.model_fields_set - {"pointer"}
        if len(given) != 1:
            names = ", ".join((*_OF_VALUES, *_OF_TEXTS))
            raise ValueError(f"give exactly one of {names}; several conditions are several entries of the list")
        if self.pointer is None and self.word in _OF_VALUES:
            raise ValueError(f'{self.word} needs a pointer to what it is about, such as /status; "" is the whole body')
        return self

    @property
    def word(self) -> str:
        """Which condition this is."""
        (word,) = self.model_fields_set - {"pointer"}
        return word


def _cheap_together(conditions: tuple[BodyCondition, ...]) -> tuple[BodyCondition, ...]:
    places = sum(pattern_places(one.matches) for one in conditions if one.matches is not None)
    if places > MAX_PATTERN_PLACES:
        raise ValueError(
            f"the expressions of all `matches` together take too long to look for: with their counts written out they "
            f"have {places:,} places, and at most {MAX_PATTERN_PLACES} are taken; use smaller counts, or `contains`"
        )
    return conditions


BodyConditions = Annotated[tuple[BodyCondition, ...], Field(max_length=MAX_CONDITIONS), AfterValidator(_cheap_together)]
