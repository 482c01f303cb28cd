"""PURE. In which charset a body is written: by its byte order mark, its header, or what it says of itself."""

import codecs
import re
from functools import lru_cache
from typing import Final

# Text encodings only: some of Python's other codecs take quadratic time.
_TEXT: Final = re.compile(r"ascii|utf-(8|16|32)|iso8859|cp\d|koi8|gb|big5|shift_jis|euc_|mac-|tis-620")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARKS_BEGIN: Final = frozenset(mark[:1] for mark, _ in _MARKS)
_PRESCAN: Final = 1024
"""How far a page's own word is looked for (HTML, section 4.2.5.4)."""
_DECLARED: Final = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*(?:["']\s*)?([A-Za-z0-9_.:-]+)|<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]+)""",
    re.IGNORECASE,
)


def codec_of(data: bytes, header: str | None, *, markup: bool) -> str:
    """Python's codec for a body, UTF-8 when nothing usable is said.

    `header` is the charset of its Content-Type; what HTML and XML (`markup`) say of themselves comes after that.
    """
    if data[:1] in _MARKS_BEGIN:
        for mark, codec in _MARKS:
            if data.startswith(mark):
                return codec
    declared = _DECLARED.search(data[:_PRESCAN]) if markup else None
    own = (declared[1] or declared[2]).decode() if declared else None
    if own is not None and own.lower().startswith(("utf-16", "utf-32")):
        own = "utf-8"  # it was read as if it were ASCII
    return _text_codec(header) or _text_codec(own) or "utf-8"


@lru_cache(maxsize=64)
def _text_codec(name: str | None) -> str | None:
    try:
        codec = codecs.lookup(name or "").name
    except (LookupError, ValueError):
        return None
    return codec if _TEXT.match(codec) else None
