"""PURE. Regular expressions that tasks bring: in linear time, whatever they and the text are.

The engine is that of JSON Schema's `pattern` (ECMA-262's notation without look-around and back-references), with less
room than schemas have, since it runs beside all other calls of an executor: the slowest expression found that fits
into these bounds takes 10 ms for 64 KiB.
"""

from functools import lru_cache
from typing import Annotated, Final

import jsonschema_rs
from pydantic import AfterValidator, StringConstraints

MAX_PATTERN_CHARACTERS: Final = 1_000
_COMPILED_BYTES: Final = 256 * 1024
_CACHE_BYTES: Final = 1024 * 1024


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> jsonschema_rs.Draft202012Validator:
    options = jsonschema_rs.RegexOptions(size_limit=_COMPILED_BYTES, dfa_size_limit=_CACHE_BYTES)
    return jsonschema_rs.Draft202012Validator({"type": "string", "pattern": pattern}, pattern_options=options)


def matches(pattern: str, text: str) -> bool:
    """Whether a usable expression is found anywhere in a text."""
    return _compiled(pattern).is_valid(text)


def _usable(pattern: str) -> str:
    try:
        _compiled(pattern)
    except ValueError:
        raise ValueError(
            "is no regular expression that is taken here: mend its syntax; look-around and back-references are not "
            "taken, nor what becomes too large, such as high counts of repetition"
        ) from None
    return pattern


TextPattern = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_PATTERN_CHARACTERS), AfterValidator(_usable)
]
"""A regular expression that is found anywhere in a text, unless it has anchors."""
