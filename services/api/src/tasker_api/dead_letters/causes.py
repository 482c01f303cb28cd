"""PURE. The cause of a dead letter: its reason without what differs from one to the next."""

import re
from typing import Final

MAX_CAUSE: Final = 300
_VARYING: Final = re.compile(
    r"""
      '[^']*' | "[^"]*" | `[^`]*` | “[^”]*”     # what is quoted: ids, values, field names
    | \b\w+://[^\s,;)]+                         # URLs
    | \b[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4,})+\b  # hashes and UUIDs
    | \d+(?:[.:,]\d+)*                          # numbers, times, addresses
    """,
    re.VERBOSE,
)


def cause_of(reason: str) -> str:
    """The same for reasons that say the same of different records: `…` stands for ids, numbers and quoted values."""
    return _VARYING.sub("…", " ".join(reason.split()))[:MAX_CAUSE]
