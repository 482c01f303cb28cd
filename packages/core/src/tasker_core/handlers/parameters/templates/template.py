"""PURE. Texts with places to be filled in, `{{ name }}`: what they may look like, and filling them in.

Substitution only: a place is a name with dots, so there is nothing to execute, to loop over or to include. Libraries
of templates bring all of that (Jinja executes expressions, Mustache has sections and escapes HTML), and none of them
knows where a value goes; what is needed here is one regular expression.

`{{{{` stands for `{{`; braces that close need nothing. Of three braces the first is a brace: `{{{ run_id }}}` is the
run's id in braces.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, cast

import msgspec
from pydantic import JsonValue
from pydantic_core import InitErrorDetails

from tasker_core.errors import TaskerError
from tasker_core.handlers.parameters.field_failures import refused, wrong_at

OPENING: Final = "{{"
MAX_FILLED_BYTES: Final = 1024 * 1024
"""The most that is filled in for one request: a payload of 64 KiB could name a long text thousands of times."""

Path = tuple[str, ...]
"""The parts of a name: `payload.items.0` has three."""
Lookup = Callable[[Path], JsonValue]
"""The value of a name. Raises ValueError when there is none."""

# A name is short: where no end comes soon, nothing was meant to end.
_PLACE: Final = re.compile(r"\{\{\{\{|\{\{(?!\{)(?:(.{0,300}?)\}\})?", re.DOTALL)
_NAME: Final = re.compile(r"\s*([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\s*")


class UnfilledTemplate(TaskerError):
    """A template that can't be filled in; the message names it, and the way out."""


def parse(text: str) -> Iterator[str | Path]:
    """The literal parts of a text and the names between them. Raises ValueError."""
    end = 0
    for match in _PLACE.finditer(text):
        yield text[end : match.start()]
        end = match.end()
        if match[0] == OPENING * 2:
            yield OPENING
            continue
        if (name := _NAME.fullmatch(match[1] or "")) is None:
            shown = match[0] if match[1] is not None else text[match.start() : match.start() + 30]
            advice = "write a name such as {{ run_id }}; for two braces as such write {{{{"
            raise ValueError(f"{shown!r} is no template: {advice}")
        yield tuple(name[1].split("."))
    yield text[end:]


def written(path: Path) -> str:
    """A name as it is written in a template."""
    return f"{{{{ {'.'.join(path)} }}}}"


def wrong_templates(value: JsonValue, check: Callable[[Path], None]) -> list[InitErrorDetails]:
    """What is wrong with the templates in the texts of a JSON value, each at its place; names of fields are none."""
    found: list[InitErrorDetails] = []

    def walk(one: JsonValue, place: tuple[str | int, ...]) -> None:
        if isinstance(one, str):
            try:
                check_templates(one, check)
            except ValueError as error:
                found.append(wrong_at(*place, message=str(error), given=one))
        elif isinstance(one, dict):
            for name, member in one.items():
                walk(member, (*place, name))
        elif isinstance(one, list):
            for index, element in enumerate(one):
                walk(element, (*place, index))

    walk(value, ())
    return found


def check_templates(text: str, check: Callable[[Path], None]) -> None:
    """Raises ValueError when the text has a place that is none, or a name that `check` refuses."""
    if OPENING in text:
        for part in parse(text):
            if not isinstance(part, str):
                check(part)


def refuse_wrong_templates(value: JsonValue, check: Callable[[Path], None]) -> JsonValue:
    """The value. Raises pydantic's ValidationError, with the place of each mistake."""
    if found := wrong_templates(value, check):
        raise refused(*found)
    return value


class Filling:
    """Fills in the templates of one request. What it raises is an UnfilledTemplate."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup, self._bytes_left = lookup, MAX_FILLED_BYTES
        self._found: dict[Path, tuple[JsonValue, int]] = {}

    def value(self, path: Path) -> JsonValue:
        """The value of a name."""
        if (found := self._found.get(path)) is None:  # a text may have one name thousands of times
            try:
                value = self._lookup(path)
            except ValueError as error:
                raise UnfilledTemplate(f"{written(path)}: {error}") from None
            size = len(value) if isinstance(value, str) else len(msgspec.json.encode(value))
            found = self._found[path] = value, size
        value, size = found
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise UnfilledTemplate(f"{written(path)}: more than {MAX_FILLED_BYTES // 1024} KiB in all are filled in")
        return value

    def scalar(self, path: Path) -> str:
        """The value of a name as text: null is empty, an object or a list is refused."""
        value = self.value(path)
        if isinstance(value, dict | list):
            what = "an object" if isinstance(value, dict) else "a list"
            raise UnfilledTemplate(f"{written(path)}: is {what}; only texts, numbers, true and false fit here")
        return as_text(value)

    def text(
        self,
        text: str,
        *,
        literal: Callable[[str], str] = str,
        filled: Callable[[Path], str] | None = None,
    ) -> str:
        """A text with its templates filled in.

        `literal` is applied to what is written between them, never to what is filled in. `filled` gives the texts that
        are filled in; by default `scalar`.
        """
        if OPENING not in text:
            return literal(text)
        filled = filled or self.scalar
        try:
            return "".join(literal(part) if isinstance(part, str) else filled(part) for part in list(parse(text)))
        except ValueError as error:
            raise UnfilledTemplate(str(error)) from None

    def json(self, value: JsonValue) -> JsonValue:
        """A JSON value with the templates in its texts filled in; a text that is one template becomes its value."""
        if isinstance(value, dict):
            return {name: self.json(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.json(element) for element in value]
        if not isinstance(value, str) or OPENING not in value:
            return value
        try:
            parts = [part for part in parse(value) if part != ""]
        except ValueError as error:
            raise UnfilledTemplate(str(error)) from None
        if len(parts) == 1 and not isinstance(parts[0], str):
            return self.value(parts[0])
        return self.text(value)

    def body(self, text: str) -> str:
        """A body that is a text: objects and lists are filled in as JSON."""
        return self.text(text, filled=lambda path: as_text(self.value(path)))


def as_text(value: JsonValue) -> str:
    """A value within a text: null is empty, a text is itself, all else is JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def member(value: JsonValue, path: Path) -> JsonValue:
    """What a name leads to within a value: fields of objects, and places in lists from 0 on. Raises ValueError."""
    found = value
    for part in path:
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = cast("list[JsonValue]", found)[int(part)]
        else:
            raise ValueError(f"there is no {part}")
    return found
