"""What differs between two JSON values: applied to the one, the changes make the other."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_api.conversion.json_changes import MAX_CHANGES, JsonChange, json_changes

SCALARS = st.none() | st.booleans() | st.integers(0, 3) | st.text("a/~", max_size=3)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=3)
)


def key_in(target: Any, part: str) -> str | int:
    return int(part) if isinstance(target, list) else part.replace("~1", "/").replace("~0", "~")


def changed(before: Any, changes: list[JsonChange]) -> Any:
    """A plain reading of RFC 6901, on lists and objects alike."""
    found = {"root": deepcopy(before)}
    for change in changes:
        place: list[str] = ["root", *change.pointer.split("/")[1:]]
        target: Any = found
        for part in place[:-1]:
            target = target[key_in(target, part)]
        last = key_in(target, place[-1])
        if change.kind == "removed":
            assert target[last] == change.before
            del target[last]
        else:
            assert (change.kind == "added") == (isinstance(last, str) and last not in target)
            assert change.kind == "added" or target[last] == change.before
            target[last] = change.after
    return found["root"]


@given(JSON, JSON)
def test_the_changes_lead_from_one_to_the_other(before: Any, after: Any) -> None:
    changes, left_out = json_changes(before, after)
    assert left_out == 0
    assert changed(before, changes) == after
    assert json_changes(after, after) == ([], 0)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 2}, [("/a", "changed", 1, 2)]),
        ({"a": 1}, {"a": True}, [("/a", "changed", 1, True)]),
        ({}, {"a": None}, [("/a", "added", None, None)]),
        ({"a": {"b": 1}}, {"a": {}}, [("/a/b", "removed", 1, None)]),
        ({"tags": ["x"]}, {"tags": ["x", "y"]}, [("/tags", "changed", ["x"], ["x", "y"])]),
        ({"any": [{"cron": "a"}, 1]}, {"any": [{"cron": "b"}, 1]}, [("/any/0/cron", "changed", "a", "b")]),
    ],
)
def test_each_place_is_told_apart(before: Any, after: Any, expected: list[tuple[str, str, Any, Any]]) -> None:
    assert [change[:4] for change in json_changes(before, after)[0]] == expected


def test_neither_many_nor_large_changes_make_the_answer_large() -> None:
    changes, left_out = json_changes({}, {str(n): n for n in range(MAX_CHANGES + 7)})
    assert (len(changes), left_out) == (MAX_CHANGES, 7)
    assert json_changes({"a": 1}, {"a": "x" * 5000})[0] == [JsonChange("/a", "changed", None, None, cut=True)]


def test_depth_is_no_limit() -> None:
    before: Any = 1
    after: Any = 2
    for _ in range(3000):
        before, after = [before], [after]
    ((change,), _) = json_changes(before, after)
    assert change.pointer == "/0" * 3000
