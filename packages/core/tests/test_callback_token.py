"""Tokens of callbacks: what was signed comes back, and nothing else does."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.handlers.callback_token import CallbackClaims, WrongToken, callback_token, callback_url, read_token
from tasker_core.ids import TASK_ID_PATTERN

SECRET, OTHER = "s" * 32, "t" * 32
CLAIMS = CallbackClaims("daily-report", "5a4e2c201a775b562c9d3f1e7c4c5f00", 2, 1_800_000_000)
TOKEN = callback_token(CLAIMS, SECRET)

claims = st.builds(
    CallbackClaims,
    st.from_regex(TASK_ID_PATTERN.replace("$", r"\Z"), fullmatch=True),
    st.text("0123456789abcdef", min_size=32, max_size=32),
    st.integers(1, 1_000_000),
    st.integers(0, 2**40),
)


@given(claims)
def test_what_was_signed_comes_back_and_fits_a_path(made: CallbackClaims) -> None:
    token = callback_token(made, SECRET)
    assert read_token(token, [SECRET]) == read_token(token, [OTHER, SECRET]) == made
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert len(token) < 320


def test_another_secret_reads_nothing() -> None:
    for secrets in ([OTHER], []):
        with pytest.raises(WrongToken):
            read_token(TOKEN, secrets)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("abcXYZ019-_.=% \n\x00ä"))
def test_a_changed_character_is_noticed(place: int, character: str) -> None:
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    if changed != TOKEN:
        with pytest.raises(WrongToken):
            read_token(changed, [SECRET])


@given(st.text(max_size=600) | st.binary(max_size=200).map(lambda raw: "v1." + urlsafe_b64encode(raw).decode()))
def test_what_is_no_token_is_wrong_and_nothing_else(text: str) -> None:
    with pytest.raises(WrongToken):
        read_token(text, [SECRET])


def test_claims_can_not_be_exchanged_under_a_signature() -> None:
    raw = urlsafe_b64decode(TOKEN.removeprefix("v1.") + "==")
    for forged in (raw.replace(b"2\n1800000000", b"3\n1800000000"), raw.replace(b"daily", b"other"), raw[:-1]):
        with pytest.raises(WrongToken):
            read_token("v1." + urlsafe_b64encode(forged).decode().rstrip("="), [SECRET])


def test_the_url_has_one_slash_between_its_parts() -> None:
    for base in ("https://tasker.example.com", "https://tasker.example.com/"):
        assert callback_url(base, TOKEN) == f"https://tasker.example.com/api/v1/callbacks/{TOKEN}"
