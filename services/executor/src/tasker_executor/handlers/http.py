"""The handler `http`: the request that the payload describes, and what was answered."""

from collections.abc import Awaitable, Callable
from functools import partial

import aiohttp
import msgspec

from tasker_core.handlers.parameters.http import HttpCall, http_call
from tasker_core.handlers.parameters.http_headers import usable_value
from tasker_core.handlers.parameters.secret_references import names_in
from tasker_core.messages import Run
from tasker_executor.failure import Failed
from tasker_executor.handlers.payload import parsed
from tasker_executor.http.exchange import call
from tasker_executor.http.request import Request, own_headers, target
from tasker_executor.http.response_headers import sensitive
from tasker_executor.http.secrets.secret_store import Opened, Secrets, unusable
from tasker_executor.http.secrets.signing import signed, signing_key
from tasker_executor.http.statuses import unwanted
from tasker_runtime.clock import Clock


def http_handler(session: aiohttp.ClientSession, secrets: Secrets, clock: Clock) -> Callable[[Run], Awaitable[object]]:
    """A handler that calls over a session, which guards the addresses."""

    async def http(run: Run) -> object:
        opened = Opened(secrets)
        try:
            wanted = parsed(run, http_call)
            make = partial(_request, wanted, run, opened, clock.now_ms() // 1000)
            request = await secrets.made(make, run.payload)
            answer = await call(session, request, follow=wanted.redirects == "follow")
            if not wanted.expects(answer.status):
                raise unwanted(answer, clock.now_ms())
        except Failed as error:
            raise opened.redaction.failure(error) from None
        return opened.redaction.value(answer.result)

    return http


def _request(wanted: HttpCall, run: Run, opened: Opened, second: int) -> Request:
    """The request with its secrets, signed. Raises Failed."""
    url, authorization = target(wanted.url, opened)
    headers, body = own_headers(run), None
    if wanted.body is not None:
        text = isinstance(wanted.body, str)
        body = wanted.body.encode() if isinstance(wanted.body, str) else msgspec.json.encode(wanted.body)
        headers["Content-Type"] = "text/plain; charset=utf-8" if text else "application/json"
    if authorization:
        headers["Authorization"] = authorization
    for name, template in wanted.headers.items():
        headers[name] = _resolved(name, template, opened)
    if wanted.sign is not None:
        keys = [_key(reference, opened) for reference in wanted.sign.secrets]
        headers.update(signed(run.run_id, second, body or b"", keys))
    return Request(wanted.verb, url, headers, body)


def _resolved(name: str, template: str, opened: Opened) -> str:
    value = opened.text(template)
    if not usable_value(value):
        raise unusable(names_in(template)[0], "holds what no header may: it must be printable ASCII on one line")
    if sensitive(name):
        opened.hide(value, value.rpartition(" ")[2])
    return value


def _key(reference: str, opened: Opened) -> bytes:
    (name,) = names_in(reference)
    try:
        return signing_key(opened.value(name))
    except ValueError as error:
        raise unusable(name, str(error)) from None
