"""The REST API as the commands ask it."""

from collections.abc import Mapping
from typing import Any, cast

import httpx

SECONDS = 15.0
PREFIX = "/api/v1"


class Refused(Exception):
    """The API says no, or does not answer; the message says why, fit to be shown."""


def ask(client: httpx.Client, method: str, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON object that a route answers. Raises Refused."""
    try:
        answer = client.request(method, PREFIX + path, params=params, timeout=SECONDS)
    except httpx.HTTPError as error:
        raise Refused(f"no answer from {client.base_url}: {error}") from None
    try:
        body: object = answer.json()
    except ValueError:
        body = None
    fields = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    if not answer.is_success or not isinstance(body, dict):
        raise Refused(fields.get("detail") or f"{client.base_url} answers {answer.status_code}: is it a Tasker?")
    return fields
