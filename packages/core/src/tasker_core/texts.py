"""Texts for people: names and tags, which are one visible line, and descriptions, which may have several.

Control characters (Unicode category Cc) break logs, terminals and tables, or hide what a name is; so do the separators
of lines and paragraphs (Zl, Zp) in what is shown as one line.
"""

import re
from typing import Annotated, Any, Final
from unicodedata import category

from pydantic import AfterValidator, Field, StringConstraints

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROLS_BUT_LINES: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_INVISIBLE: Final = frozenset("ZC")
"""The first letters of the categories of which nothing is seen: separators, controls, formats."""
_CONTROL_RANGE: Final = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
_ONE_LINE: Final = f"^[^{_CONTROL_RANGE}]*[^\\s{_CONTROL_RANGE}][^{_CONTROL_RANGE}]*$"


def _one_visible_line(text: str) -> str:
    if found := _CONTROLS.search(text):
        raise ValueError(f"holds the control character {_name(found)} at position {found.start()}; remove it")
    if all(category(character)[0] in _INVISIBLE for character in text):
        raise ValueError("is blank; give at least one visible character, or leave it out")
    return text


def _text_block(text: str) -> str:
    if found := _CONTROLS_BUT_LINES.search(text):
        where = f"{_name(found)} at position {found.start()}"
        raise ValueError(f"holds the control character {where}; only tabs and line breaks are taken: remove it")
    return text


def _name(found: re.Match[str]) -> str:
    return f"U+{ord(found[0]):04X}"


def _describe_line(schema: dict[str, Any]) -> None:
    schema["pattern"] = _ONE_LINE
    schema.pop("default", None)  # a default that stands for "left out" is none to be sent


_DESCRIBED_LINE: Final = Field(json_schema_extra=_describe_line)
Name = Annotated[
    str, StringConstraints(max_length=200, strip_whitespace=True), AfterValidator(_one_visible_line), _DESCRIBED_LINE
]
"""One line with at least one visible character."""
Tag = Annotated[
    str, StringConstraints(max_length=64, strip_whitespace=True), AfterValidator(_one_visible_line), _DESCRIBED_LINE
]
"""As a name, and shorter."""
Description = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_text_block)]
"""Any text whose only control characters are tabs and line breaks."""
