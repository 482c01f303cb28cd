"""The handler `curl`: a GET request to the URL in the payload, and what was answered."""

from collections.abc import Awaitable, Callable
from functools import partial

import aiohttp
import msgspec

from tasker_core.handlers.parameters.curl import curl_url
from tasker_core.messages import Run
from tasker_executor.failure import Failed
from tasker_executor.http.call_errors import invalid_url
from tasker_executor.http.exchange import call
from tasker_executor.http.request import Request, own_headers, target
from tasker_executor.http.secrets.secret_store import Opened, Secrets
from tasker_executor.http.statuses import unwanted
from tasker_runtime.clock import Clock


def curl_handler(session: aiohttp.ClientSession, secrets: Secrets, clock: Clock) -> Callable[[Run], Awaitable[object]]:
    """A handler that calls over a session, which guards the addresses."""

    async def curl(run: Run) -> object:
        opened = Opened(secrets)
        try:
            request = await secrets.made(partial(_request, run, opened), run.payload)
            answer = await call(session, request, follow=True)
            if answer.status >= 400:
                raise unwanted(answer, clock.now_ms())
        except Failed as error:
            raise opened.redaction.failure(error) from None
        return opened.redaction.value(answer.result)

    return curl


def _request(run: Run, opened: Opened) -> Request:
    """The request of a run. Raises Failed."""
    try:
        text = curl_url(msgspec.json.decode(run.payload))
    except (msgspec.DecodeError, TypeError, KeyError) as error:
        raise invalid_url() from error
    url, authorization = target(text, opened)
    headers = own_headers(run)
    if authorization:
        headers["Authorization"] = authorization
    return Request("GET", url, headers)
