"""PURE. The steps from each unfinished record of a partition to the next, as the text of a commit.

There are two forms. A series (`7,1x400`: a step of 7, then 400 of 1) is short while steps are regular, and what all
releases read. Packed steps are for the others: a byte each, or some for a large one (LEB128, as in DWARF 5, 7.6),
compressed by zlib, in base85. Of random steps they take little more than any code would need.
"""

import zlib
from base64 import b85decode, b85encode
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

MAX_STEPS: Final = 99_999
"""No commit of ours lists more."""
_MAX_BITS: Final = 63
_STRATEGIES: Final = (zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY)
"""Which of them is the shorter one depends on how regular the steps are."""


def series(steps: Iterable[int], limit: int) -> str | None:
    """Steps as series; None when that is longer than `limit` characters."""
    texts: list[str] = []
    for step, equal in groupby(steps):
        count = sum(1 for _ in equal)
        texts.append(str(step) if count == 1 else f"{step}x{count}")
        limit -= len(texts[-1]) + 1
        if limit < -1:
            return None
    return ",".join(texts)


def read_series(text: str) -> Iterator[int]:
    """The steps of series. Raises ValueError."""
    for step in filter(None, text.split(",")):
        width, _, times = step.partition("x")
        for _ in range(int(times or 1)):
            yield int(width)


def pack(steps: Sequence[int]) -> str:
    """Steps in the packed form."""
    content = bytes(_varints(steps))
    return b85encode(min((_deflate(content, strategy) for strategy in _STRATEGIES), key=len)).decode()


def pack_first(steps: Sequence[int], limit: int) -> tuple[int, str]:
    """As many of the first steps as fit into `limit` characters: how many, and their packed form."""
    packed = pack(steps)
    if len(packed) <= limit:
        return len(steps), packed
    count = bisect_right(range(1, len(steps)), limit, key=lambda n: len(pack(steps[:n])))
    return count, pack(steps[:count])


def unpack(text: str) -> Iterator[int]:
    """The steps of a packed form. Raises ValueError."""
    inflating = zlib.decompressobj()
    try:
        content = inflating.decompress(b85decode(text), MAX_STEPS * 10)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    step = shift = 0
    for byte in content:
        step |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield step
            step = shift = 0
        elif shift >= _MAX_BITS:
            raise ValueError("a step that is no offset's")
    if shift or not inflating.eof:
        raise ValueError("steps that break off")


def _varints(steps: Iterable[int]) -> Iterator[int]:
    for step in steps:
        while step > 127:
            yield step & 127 | 128
            step >>= 7
        yield step


def _deflate(content: bytes, strategy: int) -> bytes:
    deflating = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS, 9, strategy)
    return deflating.compress(content) + deflating.flush()
