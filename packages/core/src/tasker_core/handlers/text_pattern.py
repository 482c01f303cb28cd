"""PURE. Regular expressions that tasks bring: in linear time, whatever they and the text are.

The engine is that of JSON Schema's `pattern` (ECMA-262's notation without look-around and back-references). Linear is
not fast: each character may cost some 10 ns, at worst 60 ns, for every place of the expression that can be reached at
the same time (pattern_cost.py), and nothing else is done in an executor meanwhile. So there may be MAX_PATTERN_PLACES
of them: the slowest expression found that fits takes 0.11 s for 64 KiB, where 960 places took 0.74 s. Usual ones take
less than 1 ms.
"""

from functools import lru_cache
from typing import Annotated, Final

import jsonschema_rs
from pydantic import AfterValidator, StringConstraints

from tasker_core.handlers.pattern_cost import pattern_places

MAX_PATTERN_CHARACTERS: Final = 1_000
MAX_PATTERN_PLACES: Final = 100
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
    if (places := pattern_places(pattern)) > MAX_PATTERN_PLACES:
        raise ValueError(
            f"takes too long to look for: with its counts written out it has {places:,} places, and at most "
            f"{MAX_PATTERN_PLACES} are taken; use smaller counts, or * and + instead of them"
        )
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
