"""Bodies: bounded, unpacked, and text whatever they are."""

import codecs
import gzip
import random
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from tasker_executor.http.body.content_decoder import MAX_STREAMS, MAX_ZSTD_WINDOW_LOG
from tasker_executor.http.body.response_body import MAX_BODY_BYTES, MAX_COMPRESSED_BYTES, ResponseBody

brotli: Any = import_module("brotli")  # it has no types


def read(
    data: bytes, encoding: str = "", charset: str | None = None, step: int = 1000, content_type: str = ""
) -> ResponseBody:
    body = ResponseBody(encoding, charset, content_type)
    for start in range(0, len(data), step):
        body.add(data[start : start + step])
    return body


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "X-GZip": gzip.compress,
    "Deflate": zlib.compress,
    "deflate": raw_deflate,
    "br": partial(brotli.compress, quality=4),
    "zstd": zstd.compress,
}


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


@pytest.mark.parametrize("coding", PACKERS)
@pytest.mark.parametrize("step", [1, 3, 100_000])
def test_compressed_bodies_are_unpacked_in_whatever_pieces_they_come(coding: str, step: int) -> None:
    pack = PACKERS[coding]
    for text in ("", "hello", "grüße " * 5_000):
        body = read(pack(text.encode()), coding, step=step)
        assert (body.text(), body.truncated) == (text, False)


@pytest.mark.parametrize("coding", PACKERS)
@pytest.mark.parametrize("step", [100, 1_000_000])
def test_a_bomb_is_unpacked_no_further_than_wanted(coding: str, step: int) -> None:
    bomb = PACKERS[coding](bytes(50_000_000))
    tracemalloc.start()
    try:
        body = read(bomb, coding, step=step)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert (len(body.text()), body.truncated) == (MAX_BODY_BYTES, True)


@pytest.mark.parametrize("coding", ["gzip", "X-GZip", "br", "zstd"])
def test_what_is_not_packed_though_it_says_so_is_taken_as_it_is(coding: str) -> None:
    for step in (1, 1000):
        plain = read(b'{"plain": true, "and": "not packed at all"}', coding, step=step)
        assert (plain.text(), plain.truncated) == ('{"plain": true, "and": "not packed at all"}', False)


@pytest.mark.parametrize("coding", ["gzip", "Deflate"])  # the others give whole blocks alone
def test_what_breaks_in_the_middle_is_kept_so_far_and_said_to_be_cut(coding: str) -> None:
    text = "".join(f"{n:05} " for n in range(9_000)).encode()
    packed = bytearray(PACKERS[coding](text))
    packed[len(packed) // 2 :] = random.Random(1).randbytes(len(packed) // 2)
    broken = read(bytes(packed), coding, step=100)
    assert broken.truncated
    assert "00000 00001 " in broken.text()
    assert text.decode().startswith(broken.text()[:50])


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_streams_that_follow_each_other_are_one_body(coding: str) -> None:
    pack = PACKERS[coding]
    for step in (1, 100_000):
        body = read(pack(b"one, ") + pack(b"") + pack(b"two"), coding, step=step)
        assert (body.text(), body.truncated) == ("one, two", False)


@pytest.mark.parametrize("coding", ["gzip", "Deflate", "zstd"])
def test_other_bytes_behind_the_end_are_ignored(coding: str) -> None:
    for step in (1, 100_000):
        body = read(PACKERS[coding](b"hello") + bytes(20) + b"behind", coding, step=step)
        assert (body.text(), body.truncated) == ("hello", False)


def test_streams_that_hold_nothing_end() -> None:
    """An endless body of empty gzip members: each is 20 bytes, and none has anything in it."""
    body = ResponseBody("gzip")
    body.add(gzip.compress(b"") * MAX_STREAMS)
    assert (body.truncated, body.text()) == (False, "")
    body.add(gzip.compress(b""))
    assert (body.truncated, body.text()) == (True, "")


def test_a_stream_that_holds_nothing_ends() -> None:
    """One gzip member with one empty block (RFC 1951, section 3.2.4) behind the other."""
    body, blocks = ResponseBody("gzip"), b"\x00\x00\x00\xff\xff" * 1_000
    body.add(gzip.compress(b"")[:10])
    for _ in range(MAX_COMPRESSED_BYTES // len(blocks) + 1):
        assert not body.truncated
        body.add(blocks)
    assert (body.truncated, body.text()) == (True, "")


def test_a_window_that_is_larger_than_servers_may_ask_for_is_refused() -> None:
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: MAX_ZSTD_WINDOW_LOG + 4})
    packed = packer.compress(b"a" * 100) + packer.flush()
    assert "aaa" not in read(packed, "zstd").text()


@pytest.mark.parametrize(
    ("data", "header", "content_type", "text"),
    [
        (codecs.BOM_UTF8 + "ü".encode(), None, "", "ü"),
        (codecs.BOM_UTF8 + "ü".encode(), "iso-8859-1", "", "ü"),
        (codecs.BOM_UTF16_LE + "ü".encode("utf-16-le"), None, "text/html", "ü"),
        (codecs.BOM_UTF16_BE + "ü".encode("utf-16-be"), "utf-8", "", "ü"),
        (codecs.BOM_UTF32_LE + "ü".encode("utf-32-le"), None, "", "ü"),
        (b'<meta charset="windows-1252">\x80', None, "text/html", '<meta charset="windows-1252">€'),
        (b"<META http-equiv=x content='text/html; charset=koi8-r'>\xc1", None, "text/html", "…а"),
        (b'<?xml version="1.0" encoding="iso-8859-15"?>\xa4', None, "application/xml", "…€"),
        (b'<meta charset="koi8-r">\xfc', "iso-8859-1", "text/html", "…ü"),
        (b'<meta charset="koi8-r">' + "ü".encode(), "no-such-one", "text/html", "…Э"),
        (b'<meta charset="koi8-r">' + "ü".encode(), None, "application/json", "…ü"),
        (b'<meta charset="utf-16">' + "ü".encode(), None, "text/html", "…ü"),
        (b" " * 2000 + b'<meta charset="koi8-r">' + "ü".encode(), None, "text/html", "…ü"),
        (b"\xfc", None, "", "\ufffd"),
    ],
)
def test_where_the_charset_is_said(data: bytes, header: str | None, content_type: str, text: str) -> None:
    found = read(data, "", header, content_type=content_type).text()
    if text.startswith("…"):
        if text == "…Э":
            assert found.endswith("ü".encode().decode("koi8-r"))
            return
        found, text = found[-1], text[1:]
    assert found == text


@given(st.binary(max_size=300), st.sampled_from(["", *PACKERS, "unknown"]), st.sampled_from([None, "utf-16", "big5"]))
def test_any_bytes_become_text(data: bytes, encoding: str, charset: str | None) -> None:
    read(data, encoding, charset, step=7, content_type="text/html").text().encode()


@given(st.binary(max_size=2000), st.sampled_from(sorted(PACKERS)), st.integers(1, 500), st.integers(0, 300))
def test_packed_bytes_are_found_again(data: bytes, coding: str, step: int, cut: int) -> None:
    """Whole they are what was packed; of what is cut, the beginning."""
    packed = PACKERS[coding](data)
    assert read(packed, coding, "iso-8859-1", step).text() == data.decode("iso-8859-1")
    begun = read(packed[: max(0, len(packed) - cut)], coding, "iso-8859-1", step)
    assert data.decode("iso-8859-1").startswith(begun.text())
