"""Requests to the REST API."""

from collections.abc import Mapping
from typing import Any, cast

import httpx

SECONDS = 15.0
PREFIX = "/api/v1"


class RequestFailed(Exception):
    """The API refuses, or does not answer; the message says why, fit to be shown."""


def request(client: httpx.Client, method: str, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON object that a route answers. Raises RequestFailed."""
    try:
        answer = client.request(method, PREFIX + path, params=params, timeout=SECONDS)
    except httpx.HTTPError as error:
        raise RequestFailed(f"no answer from {client.base_url}: {error}") from None
    try:
        body: object = answer.json()
    except ValueError:
        body = None
    fields = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    if not answer.is_success or not isinstance(body, dict):
        raise RequestFailed(fields.get("detail") or f"{client.base_url} answers {answer.status_code}: is it a Tasker?")
    return fields
