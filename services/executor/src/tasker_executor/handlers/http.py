"""The handler `http`: the request that the payload describes; the response is the result."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

import aiohttp
from multidict import CIMultiDict
from pydantic import JsonValue

from tasker_core.handlers.callback_token import CALLBACK_HEADER
from tasker_core.handlers.parameters.http import HttpCall, http_call
from tasker_core.messages.runs import Run
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.awaited_callback import AwaitedCallback
from tasker_executor.handlers.http_request import prepare
from tasker_executor.handlers.parameters import PayloadParser
from tasker_executor.http.body.expected_body import unmet_conditions
from tasker_executor.http.callbacks import NO_CALLBACKS, CallbackUrls, IssuedCallback
from tasker_executor.http.exchange import call
from tasker_executor.http.oauth2.access_tokens import AccessTokens
from tasker_executor.http.oauth2.token_request import TokenRequest
from tasker_executor.http.request import HttpRequest, run_headers
from tasker_executor.http.response import HttpResponse
from tasker_executor.http.secrets.secret_store import AttemptSecrets, SecretStore
from tasker_executor.http.statuses import status_failure
from tasker_executor.http.tls_contexts import TlsContexts
from tasker_executor.http.traced_call import Send, traced_call
from tasker_executor.run_spans import RunSpans
from tasker_runtime.clock import Clock

ACCEPTED = 202


def http_handler(
    session: aiohttp.ClientSession,
    store: SecretStore,
    clock: Clock,
    spans: RunSpans | None = None,
    callbacks: CallbackUrls = NO_CALLBACKS,
    *,
    tls_contexts: TlsContexts | None = None,
) -> Callable[[Run], Awaitable[object]]:
    """A handler that calls over a session, which checks the addresses."""

    traced, tokens = spans or RunSpans(), AccessTokens(session, clock)
    contexts, parse = tls_contexts or TlsContexts(), PayloadParser(http_call)

    async def http(run: Run) -> object:
        secrets = AttemptSecrets(store)
        try:
            parameters = parse(run)
            headers = run_headers(run, traced.call_traceparent(run))
            callback = _offer_callback(callbacks, parameters, run, headers, secrets, clock.now_ms())
            own: dict[str, JsonValue] = {} if callback is None else {"callback_url": callback.url}
            build = partial(prepare, parameters, run, own, headers, secrets, contexts, clock.now_ms() // 1000)
            # Reading all authorities takes tens of milliseconds.
            prepared = await store.build(build, run.payload, slow=parameters.tls is not None)
            send: Send = partial(call, session, follow=parameters.redirects == "follow")
            if prepared.token is not None:
                send = partial(_send_with_token, send, prepared.token, tokens, secrets)
            response = await traced_call(send, prepared.request, run, traced, clock)
            if callback is not None and response.status == ACCEPTED:
                return AwaitedCallback(callback.deadline)
            await _expect(parameters, response, clock.now_ms(), secrets)
        except AttemptFailed as error:
            raise secrets.redaction.failure(error) from None
        return secrets.redaction.value(response.result)

    return http


def _offer_callback(
    callbacks: CallbackUrls,
    parameters: HttpCall,
    run: Run,
    headers: CIMultiDict[str],
    secrets: AttemptSecrets,
    now_ms: int,
) -> IssuedCallback | None:
    """Tell the target where it may report the end, if the task wants that. Raises AttemptFailed."""
    if parameters.callback is None:
        return None
    callback = callbacks.issue(run, parameters.callback.timeout, now_ms)
    headers[CALLBACK_HEADER] = callback.url
    secrets.hide(callback.url, callback.token)
    return callback


async def _send_with_token(
    send: Send, wanted: TokenRequest, tokens: AccessTokens, secrets: AttemptSecrets, request: HttpRequest
) -> HttpResponse:
    """Send a request with a token, and once more with a new one if that is not taken any more. Raises AttemptFailed."""
    token = await tokens.token(wanted)
    response = await send(_authorized(request, token, secrets))
    if response.status != 401:
        return response
    tokens.discard(wanted, token)
    other = await tokens.token(wanted)
    return response if other == token else await send(_authorized(request, other, secrets))


def _authorized(request: HttpRequest, token: str, secrets: AttemptSecrets) -> HttpRequest:
    secrets.redaction.add(token)
    headers = CIMultiDict(request.headers)
    headers["Authorization"] = f"Bearer {token}"
    return replace(request, headers=headers)


async def _expect(parameters: HttpCall, response: HttpResponse, now_ms: int, secrets: AttemptSecrets) -> None:
    """Raises AttemptFailed when the answer is not the expected one; another attempt may get another body."""
    if not parameters.expects(response.status):
        raise status_failure(response, now_ms)
    result, hide = response.result, secrets.redaction.text
    for reason in unmet_conditions(parameters.expect_body, result["body"], cut=result["truncated"], hide=hide):
        if reason is not None:
            raise AttemptFailed("unexpected_body", f"the server answered {response.status}, but {reason}", result)
        await asyncio.sleep(0)  # a slow expression takes up to 0.1 s: other calls go on between two
