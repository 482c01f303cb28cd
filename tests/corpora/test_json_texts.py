"""What comes in as JSON is taken as it is or refused in words; nothing is changed in silence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.events.json_text import NotJson, decode_json
from tests.corpora.json_texts import EITHER, INVALID, VALID

SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@pytest.mark.parametrize("name", VALID)
def test_what_is_json_is_taken_as_it_is(name: str) -> None:
    assert decode_json(VALID[name]) == json.loads(VALID[name])


@pytest.mark.parametrize("name", [*INVALID, *EITHER])
def test_what_is_none_or_would_be_changed_is_refused_in_words(name: str) -> None:
    with pytest.raises(NotJson) as refused:
        decode_json((INVALID | EITHER)[name])
    assert not any(word in str(refused.value) for word in ("codec", "recursion", "object_pairs"))


@given(VALUES)
def test_whatever_is_written_is_read(value: object) -> None:
    assert decode_json(json.dumps(value).encode()) == value


@given(st.binary())
def test_bytes_are_json_or_refused(raw: bytes) -> None:
    try:
        found = decode_json(raw)
    except NotJson:
        return
    assert found == json.loads(raw)


def test_the_name_that_is_repeated_is_told() -> None:
    with pytest.raises(NotJson, match="the name 'b' is twice in one object"):
        decode_json(b'[{"a": {"b": 1, "c": 2, "b": 3}}]')
