"""PURE. What is kept of the response to a call."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What is recorded of a response (`result`), and what else the caller needs."""

    status: int
    result: dict[str, Any]
    location: str | None
    retry_after: str | None
