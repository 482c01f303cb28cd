"""The handler `http`: the request that the payload describes; the response is the result."""

from collections.abc import Awaitable, Callable
from functools import partial

import aiohttp
import msgspec
from multidict import CIMultiDict

from tasker_core.handlers.parameters.http import HttpCall, http_call
from tasker_core.handlers.parameters.http_headers import usable_value
from tasker_core.handlers.parameters.secret_references import names_in
from tasker_core.messages import Run
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.parameters import parse_payload
from tasker_executor.http.request import HttpRequest, run_headers, split_credentials
from tasker_executor.http.response_headers import is_sensitive
from tasker_executor.http.secrets.secret_store import AttemptSecrets, SecretStore, unusable_secret
from tasker_executor.http.secrets.signing import parse_signing_key, signature_headers
from tasker_executor.http.statuses import status_failure
from tasker_executor.http.traced_call import traced_call
from tasker_executor.run_spans import RunSpans
from tasker_runtime.clock import Clock


def http_handler(
    session: aiohttp.ClientSession, store: SecretStore, clock: Clock, spans: RunSpans | None = None
) -> Callable[[Run], Awaitable[object]]:
    """A handler that calls over a session, which checks the addresses."""

    traced = spans or RunSpans()

    async def http(run: Run) -> object:
        secrets = AttemptSecrets(store)
        try:
            parameters = parse_payload(run, http_call)
            headers = run_headers(run, traced.call_traceparent(run))
            build = partial(_request, parameters, run, headers, secrets, clock.now_ms() // 1000)
            request = await store.build(build, run.payload)
            follow = parameters.redirects == "follow"
            response = await traced_call(session, request, run, traced, clock, follow=follow)
            if not parameters.expects(response.status):
                raise status_failure(response, clock.now_ms())
        except AttemptFailed as error:
            raise secrets.redaction.failure(error) from None
        return secrets.redaction.value(response.result)

    return http


def _request(
    parameters: HttpCall, run: Run, headers: CIMultiDict[str], secrets: AttemptSecrets, now_seconds: int
) -> HttpRequest:
    """The request with its secrets, signed. Raises AttemptFailed."""
    url, authorization = split_credentials(parameters.url, secrets)
    body = None
    if parameters.body is not None:
        text = isinstance(parameters.body, str)
        body = parameters.body.encode() if isinstance(parameters.body, str) else msgspec.json.encode(parameters.body)
        headers["Content-Type"] = "text/plain; charset=utf-8" if text else "application/json"
    if authorization:
        headers["Authorization"] = authorization
    for name, template in parameters.headers.items():
        headers[name] = _header(name, template, secrets)
    if parameters.sign is not None:
        keys = [_signing_key(reference, secrets) for reference in parameters.sign.secrets]
        headers.update(signature_headers(run.run_id, now_seconds, body or b"", keys))
    return HttpRequest(parameters.verb, url, headers, body)


def _header(name: str, template: str, secrets: AttemptSecrets) -> str:
    value = secrets.resolve(template)
    if not usable_value(value):
        reason = "holds what no header may: it must be printable ASCII on one line"
        raise unusable_secret(names_in(template)[0], reason)
    if is_sensitive(name):
        secrets.hide(value, value.rpartition(" ")[2])
    return value


def _signing_key(reference: str, secrets: AttemptSecrets) -> bytes:
    (name,) = names_in(reference)
    try:
        return parse_signing_key(secrets.value(name))
    except ValueError as error:
        raise unusable_secret(name, str(error)) from None
