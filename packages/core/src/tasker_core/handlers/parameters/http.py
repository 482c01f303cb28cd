"""PURE. The parameters of `http`."""

from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)

from tasker_core.errors import in_words
from tasker_core.handlers.parameters.body_conditions import BodyConditions
from tasker_core.handlers.parameters.field_failures import refused, wrong_at
from tasker_core.handlers.parameters.http_auth import HttpAuth
from tasker_core.handlers.parameters.http_connection import ProxyUrl, TlsOptions
from tasker_core.handlers.parameters.http_headers import Headers
from tasker_core.handlers.parameters.secret_references import SCHEME, Reference
from tasker_core.handlers.parameters.templates.template import refuse_wrong_templates
from tasker_core.handlers.parameters.templates.templated_url import TemplatedUrl
from tasker_core.handlers.parameters.templates.variables import check_name
from tasker_core.handlers.parameters.url import has_userinfo
from tasker_core.time.duration import PositiveDuration
from tasker_core.time.zones import zone

MAX_CALLBACK: Final = timedelta(weeks=1)
_FORBIDDEN = ("CONNECT", "TRACE", "TRACK")


def _method(method: str) -> str:
    if method in _FORBIDDEN:
        raise ValueError(f"{method} is not for calls like this; choose another method")
    return method


def _expected(given: object) -> object:
    number = isinstance(given, int) and not isinstance(given, bool) and 200 <= given <= 599
    if not number and given not in ("2xx", "3xx", "4xx", "5xx"):
        raise ValueError('must be a status from 200 to 599, or a class of them such as "2xx"')
    return given


def _known_zone(name: str) -> str:
    zone(name)
    return name


def _templated(body: JsonValue) -> JsonValue:
    return refuse_wrong_templates(body, check_name)


Body = Annotated[JsonValue, AfterValidator(_templated)]


def _callback_timeout(value: timedelta) -> timedelta:
    if not timedelta(seconds=1) <= value <= MAX_CALLBACK:
        raise ValueError("give from one second (PT1S) to a week (P7D)")
    return value


_METHOD: Final = r"^[A-Z]{1,20}(-[A-Z]{1,20})?$"
_NO_METHOD: Final = "is no method: give one in capitals, such as POST"
Method = Annotated[str, StringConstraints(pattern=_METHOD), AfterValidator(_method), in_words(_METHOD, _NO_METHOD)]
Expected = Annotated[int | Literal["2xx", "3xx", "4xx", "5xx"], BeforeValidator(_expected)]


class Signing(BaseModel):
    """A signature after Standard Webhooks, one for each key: several while keys are being exchanged.

    Each key is a reference to a secret, which holds `whsec_` and the key in base64.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    secrets: Annotated[tuple[Reference, ...], Field(min_length=1, max_length=5)]


class Callback(BaseModel):
    """The target may answer 202 and report the end later, within `timeout`, to the URL in `Tasker-Callback-Url`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout: Annotated[PositiveDuration, AfterValidator(_callback_timeout)]


class HttpCall(BaseModel):
    """A request, and which answers are good ones.

    `method` is POST with a body, else GET, unless it is given. `body` is sent as it is when it is a text, and as JSON
    when it is any other JSON value; null is none. URL, headers and body may hold templates such as `{{ nominal_at }}`;
    `data` are the fields that `{{ payload.… }}` names, `timezone` is the clock of the dates in templates. `expect`
    lists statuses (`204`) and classes (`"2xx"`), `expect_body` what must hold for the body besides. `redirects` are
    answers like any others unless they are to be followed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: TemplatedUrl
    method: Method | None = None
    headers: Headers = {}
    body: Body = None
    data: dict[str, JsonValue] = {}
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    expect: Annotated[tuple[Expected, ...], Field(min_length=1, max_length=20)] = ("2xx",)
    expect_body: BodyConditions = ()
    redirects: Literal["refuse", "follow"] = "refuse"
    sign: Signing | None = None
    callback: Callback | None = None
    auth: HttpAuth | None = None
    proxy: ProxyUrl | None = None
    tls: TlsOptions | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        by_url = has_userinfo(self.url)
        header = next((name for name in self.headers if name.lower() == "authorization"), None)
        if header is not None and (by_url or self.auth is not None):
            other = "user and password in the URL" if by_url else "auth"
            raise refused(wrong_at("headers", header, message=f"give either this or {other}, not both"))
        if by_url and self.auth is not None:
            raise refused(wrong_at("auth", message="give either this or user and password in the URL, not both"))
        if self.tls is not None and not self.url.lower().startswith(("https:", SCHEME)):
            raise refused(wrong_at("tls", message="is for https:// alone: mend the URL, or remove this"))
        return self

    @property
    def verb(self) -> str:
        """The method of the request."""
        return self.method or ("GET" if self.body is None else "POST")

    def expects(self, status: int) -> bool:
        """Whether an answer with this status is a good one."""
        return any(one in (status, f"{status // 100}xx") for one in self.expect)


def http_call(payload: Any) -> HttpCall:
    """The call that a payload describes. Raises pydantic's ValidationError."""
    return HttpCall.model_validate(payload)
