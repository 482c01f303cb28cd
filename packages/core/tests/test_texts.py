"""Names, tags and descriptions: nothing blank, and no control characters."""

from typing import Any
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.errors import InvalidInput
from tasker_core.task import Task, parse_task

SCHEDULE = {"every": "PT5S"}
WHITE_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""By Unicode's property White_Space (Python's strip takes U+001C to U+001F for blanks, too)."""


def wrong(**fields: Any) -> dict[str, str]:
    """Pointer and message of each error; empty when the task is taken."""
    try:
        parse_task({"id": "a", "schedule": SCHEDULE, **fields})
    except InvalidInput as error:
        return {e.pointer: e.message for e in error.errors}
    return {}


def test_a_name_and_a_tag_are_one_visible_line() -> None:
    for text in ("", " ", "\t\n", "\u00a0", "\u200b\u2060", "\u2003"):
        assert "blank" in wrong(name=text)["/name"]
        assert "blank" in wrong(tags=["right", text])["/tags/1"]
    for text in ("a\tb", "a\nb", "a\x00", "a\x1b[31mb", "a\x7fb", "a\x9bb", "a\u2028b", "a\u2029b"):
        assert f"U+{ord(text[1]):04X} at position 1" in wrong(name=text)["/name"]
        assert wrong(tags=[text]).keys() == {"/tags/0"}


@pytest.mark.parametrize("name", ["Büro", "日本語", "می‌خواهم", "👩‍🚀", "a b", "x" * 200, "-"])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert parse_task({"id": "a", "name": name, "schedule": SCHEDULE}).name == name


def test_what_surrounds_a_name_is_cut_off_and_a_missing_one_is_the_id() -> None:
    assert parse_task({"id": "a", "name": " Report\n", "tags": [" q "], "schedule": SCHEDULE}).name == "Report"
    assert parse_task({"id": "a", "schedule": SCHEDULE}).name == "a"
    assert "at most 200" in wrong(name="x" * 201)["/name"]


def test_a_description_may_have_lines_and_tabs_but_no_other_controls() -> None:
    assert wrong(description="First line\r\n\tthe second\n\u2028") == wrong(description="") == {}
    for text in ("a\x00", "a\x08", "a\x0b", "a\x0c", "a\x1b", "a\x7f", "a\x85"):
        assert f"U+{ord(text[1]):04X}" in wrong(description=text)["/description"]


@given(st.text(max_size=20))
def test_a_taken_name_has_no_control_character_and_something_to_see(text: str) -> None:
    categories = [category(character) for character in text.strip(WHITE_SPACE)]
    refused = {"Cc", "Zl", "Zp"} & {*categories} or all(one[0] in "ZC" for one in categories)
    assert bool(wrong(name=text)) == bool(refused) == bool(wrong(tags=[text]))


def test_the_schema_says_so() -> None:
    schema = Task.model_json_schema()["properties"]
    assert "pattern" in schema["name"]
    assert "pattern" in schema["tags"]["items"]
    assert "default" not in schema["name"], "nobody should send the default that stands for a missing name"
