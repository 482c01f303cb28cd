"""What `http` sends: the call that a payload describes, filled in, with its secrets, and signed."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from multidict import CIMultiDict
from pydantic import JsonValue
from yarl import URL

from tasker_core.handlers.parameters.http import HttpCall
from tasker_core.handlers.parameters.http_auth import OAuth2ClientCredentials
from tasker_core.handlers.parameters.http_headers import MAX_VALUE_CHARACTERS, usable_value
from tasker_core.handlers.parameters.secret_references import is_reference, names_in
from tasker_core.handlers.parameters.templates.template import OPENING, Filling, UnfilledTemplate
from tasker_core.handlers.parameters.templates.templated_url import filled_url
from tasker_core.handlers.parameters.templates.variables import run_variables
from tasker_core.messages.runs import Run
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.secret_url import secret_url
from tasker_executor.http.connection import DIRECT, ConnectionOptions
from tasker_executor.http.oauth2.token_request import TokenRequest
from tasker_executor.http.request import HttpRequest, basic_credentials, split_credentials
from tasker_executor.http.response_headers import is_sensitive
from tasker_executor.http.secrets.secret_store import AttemptSecrets, unusable_secret
from tasker_executor.http.secrets.signing import parse_signing_key, signature_headers
from tasker_executor.http.tls_contexts import PemTexts, TlsContexts, UnusablePem


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """A request, and the token that it needs besides."""

    request: HttpRequest
    token: TokenRequest | None = None


def prepare(
    parameters: HttpCall,
    run: Run,
    own: Mapping[str, JsonValue],
    headers: CIMultiDict[str],
    secrets: AttemptSecrets,
    contexts: TlsContexts,
    now_seconds: int,
) -> PreparedCall:
    """The call of a run. `own` are variables that it has besides the run's, `headers` those of each of its requests.

    Raises AttemptFailed.
    """
    filling = Filling(run_variables(run, parameters.data, parameters.timezone, own))
    place, body = "url", None
    try:
        if is_reference(parameters.url):
            url, authorization = secret_url(parameters.url, secrets, needs_tls=parameters.tls is not None)
        else:
            url, authorization = split_credentials(filled_url(parameters.url, filling), secrets)
        if parameters.body is not None:
            place = "body"
            body = _body(parameters.body, filling)
            text = isinstance(parameters.body, str)
            headers["Content-Type"] = "text/plain; charset=utf-8" if text else "application/json"
        connection = _connection(parameters, secrets, contexts)
        authorization = authorization or _authorization(parameters, secrets)
        if authorization:
            headers["Authorization"] = authorization
        for name, template in parameters.headers.items():
            place = f"headers/{name}"
            headers[name] = _header(name, template, filling, secrets)
    except UnfilledTemplate as error:  # another attempt has the same payload, so there is none
        raise AttemptFailed("template", f"/payload/{place}: {error}", final=True) from None
    if parameters.sign is not None:
        keys = [_signing_key(reference, secrets) for reference in parameters.sign.secrets]
        headers.update(signature_headers(run.run_id, now_seconds, body or b"", keys))
    request = HttpRequest(parameters.verb, url, headers, body, connection)
    oauth2 = None if parameters.auth is None else parameters.auth.oauth2
    return PreparedCall(request, None if oauth2 is None else _token_request(oauth2, connection, secrets))


def _body(body: JsonValue, filling: Filling) -> bytes:
    if isinstance(body, str):
        return filling.body(body).encode()
    encoded = msgspec.json.encode(body)
    return msgspec.json.encode(filling.json(body)) if OPENING.encode() in encoded else encoded


def _header(name: str, template: str, filling: Filling, secrets: AttemptSecrets) -> str:
    """A header's value. References are resolved in what the task says, never in what is filled in."""
    value = filling.text(template, literal=secrets.resolve)
    if OPENING in template and not (usable_value(value) and len(value) <= MAX_VALUE_CHARACTERS):
        raise UnfilledTemplate(
            f"filled in, it is not what a header may be: up to {MAX_VALUE_CHARACTERS:,} characters of printable ASCII"
        )
    if not usable_value(value):
        raise _no_header(template)
    if is_sensitive(name):
        secrets.hide(value, value.rpartition(" ")[2])
    return value


def _authorization(parameters: HttpCall, secrets: AttemptSecrets) -> str | None:
    """The header of `auth`, where that needs no token first."""
    auth = parameters.auth
    if auth is None or auth.oauth2 is not None:
        return None
    if auth.basic is not None:
        return basic_credentials(secrets.resolve(auth.basic.user), secrets.resolve(auth.basic.password), secrets)
    token = secrets.resolve(auth.bearer or "")
    if not usable_value(token) or " " in token:
        raise _no_header(auth.bearer or "")
    return f"Bearer {token}"


def _token_request(
    oauth2: OAuth2ClientCredentials, connection: ConnectionOptions, secrets: AttemptSecrets
) -> TokenRequest:
    """It goes the call's own way, by proxy and authorities, but without its certificate."""
    return TokenRequest(
        url=URL(oauth2.token_url),
        client_id=secrets.resolve(oauth2.client_id),
        client_secret=secrets.resolve(oauth2.client_secret),
        scope=oauth2.scope,
        audience=oauth2.audience,
        client_in_body=oauth2.client_auth == "post",
        connection=connection.to_others,
    )


def _connection(parameters: HttpCall, secrets: AttemptSecrets, contexts: TlsContexts) -> ConnectionOptions:
    if parameters.proxy is None and parameters.tls is None:
        return DIRECT
    proxy, proxy_authorization = None, None
    if parameters.proxy is not None:
        proxy, proxy_authorization = split_credentials(parameters.proxy, secrets)
    if parameters.tls is None:
        return ConnectionOptions(proxy=proxy, proxy_authorization=proxy_authorization)
    tls = parameters.tls
    references = {"ca": tls.ca, "certificate": tls.certificate, "key": tls.key}
    # No answer can repeat a key, which is never sent: nothing of it needs to be looked for in what is recorded.
    pem = {part: None if one is None else secrets.unrecorded(names_in(one)[0]) for part, one in references.items()}
    try:
        context = contexts.context(PemTexts(**pem)) if any(pem.values()) else None
        foreign = contexts.context(PemTexts(ca=pem["ca"])) if pem["ca"] else None
    except UnusablePem as error:
        raise unusable_secret(names_in(references[error.part] or "")[0], str(error)) from None
    return ConnectionOptions(context, foreign, tls.server_name, proxy, proxy_authorization)


def _signing_key(reference: str, secrets: AttemptSecrets) -> bytes:
    (name,) = names_in(reference)
    try:
        return parse_signing_key(secrets.value(name))
    except ValueError as error:
        raise unusable_secret(name, str(error)) from None


def _no_header(template: str) -> AttemptFailed:
    return unusable_secret(names_in(template)[0], "holds what no header may: it must be printable ASCII on one line")
