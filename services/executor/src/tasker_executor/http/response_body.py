"""PURE. The first part of a response's body as text, whatever its length, compression and charset."""

import codecs
import re
import zlib

MAX_BODY_BYTES = 64 * 1024
# Text encodings only: some of Python's other codecs take quadratic time.
_TEXT = re.compile(r"ascii|utf-(8|16|32)|iso8859|cp\d|koi8|gb|big5|shift_jis|euc_|mac-|tis-620")


class ResponseBody:
    """Takes chunks until it is full. Compressed data is unpacked as far as it is kept, and no further."""

    def __init__(self, content_encoding: str = "", charset: str | None = None) -> None:
        compressed = content_encoding.strip().lower() in ("gzip", "x-gzip", "deflate")
        self._decompressor = zlib.decompressobj(zlib.MAX_WBITS | 32) if compressed else None
        self._charset, self._data = charset, bytearray()

    @property
    def truncated(self) -> bool:
        """Whether there was more than is kept."""
        return len(self._data) > MAX_BODY_BYTES

    def add(self, chunk: bytes) -> None:
        """Take the next bytes from the wire. One byte over the limit is kept, to know that there was more."""
        bytes_left = MAX_BODY_BYTES + 1 - len(self._data)
        if self._decompressor is not None and bytes_left > 0:
            try:
                chunk = self._decompressor.decompress(chunk, bytes_left)
            except zlib.error:  # not what it said it was
                self._decompressor = None
        self._data += chunk[:bytes_left]

    def text(self) -> str:
        """What is kept, decoded; a character that is cut in the middle is left out, one that is none replaced."""
        data = bytes(self._data[:MAX_BODY_BYTES])
        try:
            return self._decoded(data, _codec(self._charset))
        except UnicodeError:  # UTF-16 and UTF-32 without a mark of the byte order
            return self._decoded(data, "utf-8")

    def _decoded(self, data: bytes, codec: str) -> str:
        return codecs.getincrementaldecoder(codec)("replace").decode(data, final=not self.truncated)


def _codec(charset: str | None) -> str:
    try:
        name = codecs.lookup(charset or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _TEXT.match(name) else "utf-8"
