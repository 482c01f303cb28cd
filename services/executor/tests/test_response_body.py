"""Bodies: bounded, unpacked, and text whatever they are."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_executor.http.response_body import MAX_BODY_BYTES, ResponseBody


def read(data: bytes, encoding: str = "", charset: str | None = None, step: int = 1000) -> ResponseBody:
    body = ResponseBody(encoding, charset)
    for start in range(0, len(data), step):
        body.add(data[start : start + step])
    return body


def test_what_fits_is_whole_and_what_does_not_is_cut_and_says_so() -> None:
    assert (read(b"a" * MAX_BODY_BYTES).text(), read(b"a" * MAX_BODY_BYTES).truncated) == ("a" * MAX_BODY_BYTES, False)
    cut = read(b"a" * (MAX_BODY_BYTES + 1))
    assert (len(cut.text()), cut.truncated) == (MAX_BODY_BYTES, True)


def test_a_character_cut_in_the_middle_is_left_out() -> None:
    cut = read(b"a" + "ü".encode() * MAX_BODY_BYTES)
    assert cut.truncated
    assert "\ufffd" not in cut.text()


@pytest.mark.parametrize(
    ("charset", "text"), [("iso-8859-1", "ü"), ("Shift_JIS", "日"), ("UTF-16", "ü"), ("koi8-r", "ж"), ("cp1252", "€")]
)
def test_charsets(charset: str, text: str) -> None:
    assert read(text.encode(charset), charset=charset).text() == text


@pytest.mark.parametrize("charset", ["punycode", "idna", "rot13", "hex", "zlib", "unicode_escape", "no-such", "a\0b"])
def test_what_is_no_charset_is_read_as_utf8(charset: str) -> None:
    assert read("ü\\n".encode(), charset=charset).text() == "ü\\n"


def test_compressed_bodies_are_unpacked_only_as_far_as_they_are_wanted() -> None:
    assert read(gzip.compress(b"hello"), "gzip", step=3).text() == "hello"
    assert read(zlib.compress(b"hello"), "Deflate", step=3).text() == "hello"
    bomb = read(gzip.compress(b"a" * 50_000_000), "gzip")
    assert (len(bomb.text()), bomb.truncated) == (MAX_BODY_BYTES, True)
    assert read(b"plain", "gzip").text() == "plain"


@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "br"]), st.sampled_from([None, "utf-16", "big5"]))
def test_any_bytes_become_text(data: bytes, encoding: str, charset: str | None) -> None:
    read(data, encoding, charset, step=7).text().encode()
