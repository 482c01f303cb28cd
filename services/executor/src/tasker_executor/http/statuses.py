"""PURE. What an answer's status means for the attempt: whether it is worth another one, and when."""

import math
from email.utils import parsedate_to_datetime

from tasker_executor.failure import Failed
from tasker_executor.http.exchange import Answer

MAX_WAIT_SECONDS = 24 * 3600
_AGAIN = frozenset((408, 409, 423, 425, 429))
"""4xx that may pass: time-out, conflict (also: the first attempt is still being worked on, as the draft of
Idempotency-Key has it), locked, too early, too many requests. The others say that the request itself is wrong."""


def unwanted(answer: Answer, now_ms: int) -> Failed:
    """The failure of an attempt whose answer is not a good one."""
    status, result = answer.status, answer.result
    message = f"the server answered {status}; see the result for what it says"
    if 300 <= status < 400:
        message = f"the server answered {status}, a redirect; give the URL that it leads to"
    final = status < 500 and status not in _AGAIN and not 200 <= status < 300
    wait = 0.0 if final else retry_after(answer.retry_after, now_ms)
    return Failed("http_status", message, result, final=final, wait_seconds=wait)


def retry_after(value: str | None, now_ms: int) -> float:
    """The seconds that a Retry-After asks for (RFC 9110, section 10.2.3), at most a day; 0 when it asks for none."""
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text[:10])
    else:
        try:
            seconds = math.ceil(parsedate_to_datetime(text).timestamp() - now_ms / 1000)
        except (ValueError, TypeError, OverflowError):
            return 0.0
    return min(max(0.0, seconds), MAX_WAIT_SECONDS)
