"""PURE. Content codings (RFC 9110, section 8.4.1), unpacked piece by piece and no further than is wanted."""

import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, Protocol

from backports import zstd

_brotli: Any = import_module("brotli")  # it has no types
MAX_ZSTD_WINDOW_LOG: Final = 23
"""8 MiB: what a server may ask of a client for a content coding (RFC 9659)."""
MAX_STREAMS: Final = 100
"""Of one body: each costs something, also when there is nothing in it."""
_PIECE: Final = 4 * 1024
"""What is behind the end of a member is copied for each member: of pieces that is little."""


class Decompressor(Protocol):
    """One compressed stream. `eof`: it is over, and `unused_data` is behind it."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Brotli:
    """Brotli's decompressor in the shape of the others. What it gives may be a block longer than `max_length`."""

    unused_data = b""

    def __init__(self) -> None:
        self._decompressor = _brotli.Decompressor()
        self.eof = False

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        output: bytes = self._decompressor.process(data, output_buffer_limit=max_length)
        self.eof = bool(self._decompressor.is_finished())
        return output


def _zstd() -> Decompressor:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: MAX_ZSTD_WINDOW_LOG})


def _gzip() -> Decompressor:
    return zlib.decompressobj(zlib.MAX_WBITS | 16)


_FORMS: Final[dict[str, tuple[Callable[[], Decompressor], ...]]] = {
    "gzip": (_gzip,),
    "x-gzip": (_gzip,),
    # With the header of RFC 1950, as it is meant, or without, as many servers send it.
    "deflate": (zlib.decompressobj, lambda: zlib.decompressobj(-zlib.MAX_WBITS)),
    "br": (_Brotli,),
    "zstd": (_zstd,),
}
CODINGS: Final = frozenset(_FORMS)
_ERRORS: Final[tuple[type[Exception], ...]] = (zlib.error, zstd.ZstdError, _brotli.error, EOFError)


class ContentDecoder:
    """Unpacks one body. Streams of one coding may follow each other; other bytes behind the end of one are ignored.

    `broken`: what came is not, or not any more, of the coding, or in too many streams; nothing else is unpacked.
    """

    def __init__(self, coding: str) -> None:
        """`coding` is one of CODINGS."""
        self._forms = list(_FORMS[coding])
        self._decompressor = self._forms[0]()
        self._seen: bytearray | None = bytearray()
        self._behind_a_stream = self._over = self.broken = False
        self._streams = 1

    @property
    def raw(self) -> bytes | None:
        """All that came, as long as nothing of it could be unpacked; then None."""
        return None if self._seen is None else bytes(self._seen)

    def decode(self, data: bytes, limit: int) -> bytes:
        """What the next bytes hold, about `limit` bytes of it at most: then there is no more to be asked for."""
        if self._seen is not None:
            self._seen += data
        output = bytearray()
        try:
            for start in range(0, len(data), _PIECE):
                self._unpack(data[start : start + _PIECE], output, limit)
        except _ERRORS:
            if self._behind_a_stream:
                self._over = True
            elif output or self._seen is None or len(self._forms) == 1:
                self.broken = True
            else:
                return self._in_the_next_form(bytes(self._seen), limit)
        if output:
            self._seen = None
        return bytes(output)

    def _in_the_next_form(self, data: bytes, limit: int) -> bytes:
        """What all that came holds, read in another way."""
        del self._forms[0]
        self._decompressor, self._seen = self._forms[0](), bytearray()
        return self.decode(data, limit)

    def _unpack(self, data: bytes, output: bytearray, limit: int) -> None:
        """Add what a piece holds to the output."""
        while data and len(output) < limit and not (self._over or self.broken):
            if self._decompressor.eof:
                self._streams += 1
                if self._streams > MAX_STREAMS:
                    self.broken, self._seen = True, None
                    return
                self._decompressor, self._behind_a_stream = self._forms[0](), True
            unpacked = self._decompressor.decompress(data, limit - len(output))
            output += unpacked
            self._behind_a_stream = self._behind_a_stream and not unpacked
            data = self._decompressor.unused_data if self._decompressor.eof else b""
