"""Requests to the REST API."""

from collections.abc import Mapping
from typing import Any, cast

import httpx

SECONDS = 15.0
PREFIX = "/api/v1"


class RequestFailed(Exception):
    """The API refuses, or does not answer; the message says why, fit to be shown. `status`: of its answer, if any."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


def request(
    client: httpx.Client,
    method: str,
    path: str,
    params: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The JSON object that a route answers, an empty one when it answers none. Raises RequestFailed."""
    try:
        answer = client.request(method, PREFIX + path, params=params, json=body, timeout=SECONDS)
    except httpx.HTTPError as error:
        raise RequestFailed(f"no answer from {client.base_url}: {error}") from None
    if answer.status_code == 204:
        return {}
    try:
        content: object = answer.json()
    except ValueError:
        content = None
    fields = cast("dict[str, Any]", content) if isinstance(content, dict) else {}
    if not answer.is_success or not isinstance(content, dict):
        message = fields.get("detail") or f"{client.base_url} answers {answer.status_code}: is it a Tasker?"
        raise RequestFailed(message, answer.status_code)
    return fields
