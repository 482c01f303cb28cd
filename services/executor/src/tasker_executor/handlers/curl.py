"""The handler `curl`: a GET request to the URL in the payload; the response is the result."""

from collections.abc import Awaitable, Callable
from functools import partial

import aiohttp
import msgspec

from tasker_core.handlers.parameters.curl import curl_url
from tasker_core.messages.runs import Run
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.http.call_errors import invalid_url
from tasker_executor.http.exchange import call
from tasker_executor.http.request import HttpRequest, run_headers, split_credentials
from tasker_executor.http.secrets.secret_store import AttemptSecrets, SecretStore
from tasker_executor.http.statuses import status_failure
from tasker_executor.http.traced_call import traced_call
from tasker_executor.run_spans import RunSpans
from tasker_runtime.clock import Clock


def curl_handler(
    session: aiohttp.ClientSession, store: SecretStore, clock: Clock, spans: RunSpans | None = None
) -> Callable[[Run], Awaitable[object]]:
    """A handler that calls over a session, which checks the addresses."""

    traced = spans or RunSpans()

    async def curl(run: Run) -> object:
        secrets = AttemptSecrets(store)
        try:
            request = await store.build(partial(_request, run, traced.call_traceparent(run), secrets), run.payload)
            response = await traced_call(partial(call, session, follow=True), request, run, traced, clock)
            if response.status >= 400:
                raise status_failure(response, clock.now_ms())
        except AttemptFailed as error:
            raise secrets.redaction.failure(error) from None
        return secrets.redaction.value(response.result)

    return curl


def _request(run: Run, traceparent: str | None, secrets: AttemptSecrets) -> HttpRequest:
    """The request of a run. Raises AttemptFailed."""
    try:
        text = curl_url(msgspec.json.decode(run.payload))
    except (msgspec.DecodeError, TypeError, KeyError) as error:
        raise invalid_url() from error
    url, authorization = split_credentials(text, secrets)
    headers = run_headers(run, traceparent)
    if authorization:
        headers["Authorization"] = authorization
    return HttpRequest("GET", url, headers)
