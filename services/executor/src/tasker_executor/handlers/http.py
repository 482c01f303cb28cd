"""The handler `http`: the request that the payload describes; the response is the result."""

from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial

import aiohttp
import msgspec
from multidict import CIMultiDict
from pydantic import JsonValue

from tasker_core.handlers.callback_token import CALLBACK_HEADER
from tasker_core.handlers.parameters.http import HttpCall, http_call
from tasker_core.handlers.parameters.http_headers import MAX_VALUE_CHARACTERS, usable_value
from tasker_core.handlers.parameters.secret_references import names_in
from tasker_core.handlers.parameters.templates.template import OPENING, Filling, UnfilledTemplate
from tasker_core.handlers.parameters.templates.templated_url import filled_url
from tasker_core.handlers.parameters.templates.variables import run_variables
from tasker_core.messages import Run
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.awaited_callback import AwaitedCallback
from tasker_executor.handlers.parameters import parse_payload
from tasker_executor.http.body.expected_body import unmet_condition
from tasker_executor.http.callbacks import NO_CALLBACKS, CallbackUrls, IssuedCallback
from tasker_executor.http.request import HttpRequest, run_headers, split_credentials
from tasker_executor.http.response import HttpResponse
from tasker_executor.http.response_headers import is_sensitive
from tasker_executor.http.secrets.secret_store import AttemptSecrets, SecretStore, unusable_secret
from tasker_executor.http.secrets.signing import parse_signing_key, signature_headers
from tasker_executor.http.statuses import status_failure
from tasker_executor.http.traced_call import traced_call
from tasker_executor.run_spans import RunSpans
from tasker_runtime.clock import Clock

ACCEPTED = 202


def http_handler(
    session: aiohttp.ClientSession,
    store: SecretStore,
    clock: Clock,
    spans: RunSpans | None = None,
    callbacks: CallbackUrls = NO_CALLBACKS,
) -> Callable[[Run], Awaitable[object]]:
    """A handler that calls over a session, which checks the addresses."""

    traced = spans or RunSpans()

    async def http(run: Run) -> object:
        secrets = AttemptSecrets(store)
        try:
            parameters = parse_payload(run, http_call)
            headers = run_headers(run, traced.call_traceparent(run))
            callback = _offer_callback(callbacks, parameters, run, headers, secrets, clock.now_ms())
            own = {} if callback is None else {"callback_url": callback.url}
            build = partial(_request, parameters, run, own, headers, secrets, clock.now_ms() // 1000)
            request = await store.build(build, run.payload)
            follow = parameters.redirects == "follow"
            response = await traced_call(session, request, run, traced, clock, follow=follow)
            if callback is not None and response.status == ACCEPTED:
                return AwaitedCallback(callback.deadline)
            if not parameters.expects(response.status):
                raise status_failure(response, clock.now_ms())
            _expect_body(parameters, response)
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


def _expect_body(parameters: HttpCall, response: HttpResponse) -> None:
    """Raises AttemptFailed when the body is not the expected one: another attempt may get another one."""
    result = response.result
    if reason := unmet_condition(parameters.expect_body, result["body"], cut=result["truncated"]):
        raise AttemptFailed("unexpected_body", f"the server answered {response.status}, but {reason}", result)


def _request(
    parameters: HttpCall,
    run: Run,
    own: Mapping[str, JsonValue],
    headers: CIMultiDict[str],
    secrets: AttemptSecrets,
    now_seconds: int,
) -> HttpRequest:
    """The request with its templates filled in and its secrets, signed. Raises AttemptFailed.

    `own` are variables that this call has besides the run's.
    """
    filling = Filling(run_variables(run, parameters.data, parameters.timezone, own))
    with _place("url"):
        url, authorization = split_credentials(filled_url(parameters.url, filling), secrets)
    body = None
    if parameters.body is not None:
        text = isinstance(parameters.body, str)
        with _place("body"):
            body = _body(parameters.body, filling)
        headers["Content-Type"] = "text/plain; charset=utf-8" if text else "application/json"
    if authorization:
        headers["Authorization"] = authorization
    for name, template in parameters.headers.items():
        with _place(f"headers/{name}"):
            headers[name] = _header(name, template, filling, secrets)
    if parameters.sign is not None:
        keys = [_signing_key(reference, secrets) for reference in parameters.sign.secrets]
        headers.update(signature_headers(run.run_id, now_seconds, body or b"", keys))
    return HttpRequest(parameters.verb, url, headers, body)


@contextmanager
def _place(name: str) -> Generator[None]:
    """Says where a template is that can't be filled in. Another attempt has the same payload, so there is none."""
    try:
        yield
    except UnfilledTemplate as error:
        raise AttemptFailed("template", f"/payload/{name}: {error}", final=True) from None


def _body(body: JsonValue, filling: Filling) -> bytes:
    return filling.body(body).encode() if isinstance(body, str) else msgspec.json.encode(filling.json(body))


def _header(name: str, template: str, filling: Filling, secrets: AttemptSecrets) -> str:
    """A header's value. References are resolved in what the task says, never in what is filled in."""
    value = filling.text(template, literal=secrets.resolve)
    if OPENING in template and not (usable_value(value) and len(value) <= MAX_VALUE_CHARACTERS):
        raise UnfilledTemplate(
            f"filled in, it is not what a header may be: up to {MAX_VALUE_CHARACTERS:,} characters of printable ASCII"
        )
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
