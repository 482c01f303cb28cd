"""PURE. What a response's status means for the attempt: whether another one is useful, and when."""

import math
from datetime import UTC
from email.utils import parsedate_to_datetime

from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.http.response import HttpResponse

MAX_RETRY_AFTER_SECONDS = 24 * 3600
_TRANSIENT = frozenset((408, 409, 423, 425, 429))
"""4xx that may pass: time-out, conflict (also: the first attempt is still being worked on, as the draft of
Idempotency-Key has it), locked, too early, too many requests. The others say that the request itself is wrong."""


def status_failure(response: HttpResponse, now_ms: int) -> AttemptFailed:
    """The failure of an attempt whose response has a status that is not accepted."""
    status, result = response.status, response.result
    message = f"the server answered {status}; see the result for what it says"
    if 300 <= status < 400:
        message = f"the server answered {status}, a redirect; give the URL that it leads to"
    final = status < 500 and status not in _TRANSIENT and not 200 <= status < 300
    wait = 0.0 if final else retry_after_seconds(response.retry_after, now_ms)
    return AttemptFailed("http_status", message, result, final=final, wait_seconds=wait)


def retry_after_seconds(value: str | None, now_ms: int) -> float:
    """The seconds in a Retry-After (RFC 9110, section 10.2.3), at most a day; 0 when it has none."""
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text[:10])
    else:
        try:
            at = parsedate_to_datetime(text)  # naive in the form of asctime, which means UTC (section 5.6.7)
            seconds = math.ceil(at.replace(tzinfo=at.tzinfo or UTC).timestamp() - now_ms / 1000)
        except (ValueError, TypeError, OverflowError):
            return 0.0
    return min(max(0.0, seconds), MAX_RETRY_AFTER_SECONDS)
