"""PURE. The first part of a response's body as text, whatever its length, compression and charset."""

import codecs

from tasker_executor.http.body.charset import codec_of
from tasker_executor.http.body.content_decoder import CODINGS, ContentDecoder

MAX_BODY_BYTES = 64 * 1024
MAX_COMPRESSED_BYTES = 4 * MAX_BODY_BYTES
"""No compression makes so much of what is kept: what comes then unpacks to nothing, for ever."""


class ResponseBody:
    """Takes chunks until it is full. Compressed data is unpacked as far as it is kept, and no further."""

    def __init__(self, content_encoding: str = "", charset: str | None = None, content_type: str = "") -> None:
        coding = content_encoding.strip().lower()
        self._decoder = ContentDecoder(coding) if coding in CODINGS else None
        self._charset, self._markup = charset, "html" in content_type or "xml" in content_type
        self._data, self._received, self._unreadable = bytearray(), 0, False

    @property
    def truncated(self) -> bool:
        """Whether there was more than is kept."""
        return len(self._data) > MAX_BODY_BYTES or self._unreadable

    def add(self, chunk: bytes) -> None:
        """Take the next bytes from the wire. One byte over the limit is kept, to know that there was more."""
        self._received += len(chunk)
        bytes_left = MAX_BODY_BYTES + 1 - len(self._data)
        if bytes_left <= 0 or self._unreadable:
            return
        if self._decoder is not None:
            chunk = self._decoded(self._decoder, chunk, bytes_left)
        self._data += chunk[:bytes_left]

    def text(self) -> str:
        """What is kept, decoded; a character that is cut in the middle is left out, one that is none replaced."""
        data = bytes(self._data[:MAX_BODY_BYTES])
        try:
            return self._text(data, codec_of(data, self._charset, markup=self._markup))
        except UnicodeError:  # UTF-16 and UTF-32 without a mark of the byte order
            return self._text(data, "utf-8")

    def _text(self, data: bytes, codec: str) -> str:
        return codecs.getincrementaldecoder(codec)("replace").decode(data, final=not self.truncated)

    def _decoded(self, decoder: ContentDecoder, chunk: bytes, limit: int) -> bytes:
        """What a chunk unpacks to. What is not what it said it was from its first byte on is taken as it is."""
        data = decoder.decode(chunk, limit)
        if decoder.broken and decoder.raw is not None:
            self._decoder = None
            return decoder.raw
        self._unreadable = decoder.broken or (not data and self._received > MAX_COMPRESSED_BYTES)
        return data
