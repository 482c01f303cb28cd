"""PURE. From bytes to text and to lines: byte order marks, UTF-16, line ends of every system, bounded lines."""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from tasker_core.task_files.entries import MAX_ENTRY, UnreadableTaskFile

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LONGEST_MARK: Final = 4
_LINE_END: Final = re.compile(r"\r\n|\n|\r")


class FileLine(NamedTuple):
    """A line without its end; `text` is None where it is longer than any task."""

    number: int
    text: str | None


def text_pieces(chunks: Iterable[bytes]) -> Iterator[str]:
    """The text of a file, piece by piece: UTF-8, or what its byte order mark says. Raises UnreadableTaskFile."""
    decoder: codecs.IncrementalDecoder | None = None
    begun, line = b"", 1
    for chunk in _and_an_end(chunks):
        begun += chunk or b""
        if decoder is None and len(begun) < _LONGEST_MARK and chunk is not None:
            continue
        decoder = decoder or codecs.getincrementaldecoder(_encoding(begun))("strict")
        try:
            text = decoder.decode(begun, final=chunk is None)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            raise UnreadableTaskFile(
                line, "is no UTF-8 (nor UTF-16 with a byte order mark): save the file as UTF-8"
            ) from None
        begun = b""
        line += text.count("\n")
        if text:
            yield text


def _and_an_end(chunks: Iterable[bytes]) -> Iterator[bytes | None]:
    yield from chunks
    yield None


def _encoding(begun: bytes) -> str:
    return next((name for mark, name in _MARKS if begun.startswith(mark)), "utf-8")


def lines_of(pieces: Iterable[str]) -> Iterator[FileLine]:
    """The lines of a text, however long they are: memory is bounded."""
    number, kept, too_long = 1, "", False
    for piece in pieces:
        # A carriage return at the end may be half of a line end.
        text, held = (piece[:-1], "\r") if piece.endswith("\r") else (piece, "")
        *whole, rest = _LINE_END.split(kept + text)
        for line in whole:
            yield FileLine(number, None if too_long or len(line) > MAX_ENTRY else line)
            number, too_long = number + 1, False
        too_long = too_long or len(rest) > MAX_ENTRY
        kept = ("" if too_long else rest) + held
    kept = kept.removesuffix("\r")
    if kept or too_long:
        yield FileLine(number, None if too_long else kept)
