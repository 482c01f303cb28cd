"""What browsers are told of pages of other origins that may call (CORS, in the Fetch standard)."""

from typing import Any

REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Tasker-Actor",
    "Tasker-Channel",
    "traceparent",
)
RESPONSE_HEADERS = ("ETag", "Location", "Retry-After", "WWW-Authenticate")


def cors(origins: frozenset[str]) -> dict[str, Any]:
    """The options of Starlette's CORSMiddleware. Cookies are not taken from other origins: they send a key."""
    return {
        "allow_origins": sorted(origins),
        "allow_methods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
        "allow_headers": REQUEST_HEADERS,
        "expose_headers": RESPONSE_HEADERS,
        "allow_credentials": False,
        "max_age": 600,
    }
