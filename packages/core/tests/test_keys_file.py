"""The file of API keys: what is taken, what is refused, and that no error shows a key."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.access.api_key import ApiKey, id_in, is_key, key_digest, key_text, without_keys
from tasker_core.access.keys_file import KeysFile, read_keys
from tasker_core.access.roles import ROLES, includes
from tasker_core.errors import InvalidInput

KEY = key_text("abcd1234", "S" * 32)
ENTRY: dict[str, Any] = {
    "id": "abcd1234",
    "name": "deployer",
    "role": "operator",
    "sha256": key_digest(KEY),
    "created_at": "2026-11-29T12:00:00Z",
}
KEYS = st.builds(
    ApiKey,
    id=st.from_regex(r"[A-Za-z0-9]{8}", fullmatch=True),
    name=st.from_regex(r"[a-zé]{1,20}", fullmatch=True),
    role=st.sampled_from(ROLES),
    sha256=st.binary().map(lambda content: key_digest(content.hex())),
    tags=st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), max_size=3).map(tuple),
    requests_per_second=st.none() | st.floats(0.01, 1000),
    created_at=st.just(datetime(2026, 11, 29, tzinfo=UTC)),
    expires_at=st.none() | st.just(datetime(2027, 1, 1, tzinfo=UTC)),
)


def refusal(content: bytes) -> InvalidInput | None:
    """Why a file is not taken; None when it is."""
    try:
        read_keys(content)
    except InvalidInput as error:
        return error
    return None


@given(st.lists(KEYS, max_size=5, unique_by=lambda key: key.id))
def test_what_is_written_is_read_back(keys: list[ApiKey]) -> None:
    assert read_keys(KeysFile(keys=tuple(keys)).encoded()).keys == tuple(keys)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"role": "root"}, "/keys/0/role"),
        ({"id": "short"}, "/keys/0/id"),
        ({"name": " "}, "/keys/0/name"),
        ({"name": "n" * 65}, "/keys/0/name"),
        ({"sha256": key_digest(KEY).upper()}, "/keys/0/sha256"),
        ({"tags": ["a\nb"]}, "/keys/0/tags/0"),
        ({"requests_per_second": 0}, "/keys/0/requests_per_second"),
        ({"expires_at": "tomorrow"}, "/keys/0/expires_at"),
        ({"expires_at": "2026-11-29T12:00:00"}, "/keys/0/expires_at"),
        ({"secret": "x"}, "/keys/0/secret"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_keys(msgspec.json.encode({"keys": [ENTRY | change]}))
    assert [error.pointer for error in raised.value.errors] == [pointer]


def test_an_id_stands_once() -> None:
    with pytest.raises(InvalidInput, match="another key has this id"):
        read_keys(msgspec.json.encode({"keys": [ENTRY, ENTRY]}))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_keys_or_refused(content: bytes) -> None:
    refused = refusal(content)
    assert refused is None or refused.errors


@pytest.mark.parametrize("place", list(ENTRY))
def test_a_key_that_somebody_put_into_the_file_is_not_shown(place: str) -> None:
    for entry in (ENTRY | {place: KEY}, ENTRY | {KEY: 1}):
        assert "SSSS" not in str(refusal(msgspec.json.encode({"keys": [entry]})))


def test_a_key_is_told_by_its_whole_text() -> None:
    kept = ApiKey.model_validate(ENTRY)
    assert is_key(KEY, kept)
    assert not is_key(KEY, None)
    assert not is_key("", None)
    assert not any(is_key(KEY[:n] + "x" + KEY[n + 1 :], kept) for n in range(len(KEY)))
    assert id_in(KEY) == "abcd1234"
    assert [id_in(text) for text in (KEY[:-15], f"{KEY}\n", KEY * 10, KEY.replace("_", "-"), "")] == [None] * 5


def test_texts_lose_the_keys_in_them() -> None:
    assert without_keys(f"/tasks/{KEY}?a={KEY}") == "/tasks/tsk_abcd1234_…?a=tsk_abcd1234_…"
    assert without_keys("tsk_abcd1234_short") == "tsk_abcd1234_short"


def test_each_role_may_do_what_the_ones_before_may() -> None:
    assert [[includes(role, needed) for needed in ROLES] for role in ROLES] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
