"""PURE. What a regular expression may cost: how many of its places can be reached at the same time.

The engine takes linear time, but for each character it may have to follow each of these places; a few make a table that
is looked up.
"""

import re
from typing import Final

_COUNTED: Final = re.compile(r"\{([0-9]*)(?:,([0-9]*))?\}\??")
_REPEATED: Final = re.compile(r"[*+?]\??")
_CLASS: Final = re.compile(r"\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]?", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:[pP]\{[^}]*\}|.)", re.DOTALL)
MOST: Final = 1_000_000


def pattern_places(pattern: str) -> int:
    """The places of an expression with its counts written out, at most MOST.

    Characters outside of groups that are not repeated do not count: of them one is waited for after the other.
    """
    sums, at, last = [0], 0, 0
    while at < len(pattern):
        character, depth = pattern[at], len(sums)
        if counted := _COUNTED.match(pattern, at):
            low, high = counted.groups()
            times = max(1, int(low or 0), int(high or 0))
            sums[-1], last, at = min(MOST, sums[-1] + max(last, 1) * times), 0, counted.end()
            continue
        if repeated := _REPEATED.match(pattern, at):
            sums[-1], last, at = sums[-1] + max(last, 1), 0, repeated.end()
            continue
        sums[-1] += last
        last = 0
        if character == "(":
            sums.append(0)
            at += 1
        elif character == ")" and depth > 1:
            last = sums.pop()
            at += 1
        elif character == "[":
            last, at = 1, _end(_CLASS, pattern, at)
        elif character == "\\":
            last, at = 1, _end(_ESCAPE, pattern, at)
        elif character == ".":
            last, at = 1, at + 1
        else:
            last, at = int(depth > 1), at + 1
    return min(MOST, sum(sums) + last)


def _end(form: "re.Pattern[str]", pattern: str, at: int) -> int:
    found = form.match(pattern, at)
    return found.end() if found else at + 1
