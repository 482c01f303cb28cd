"""PURE. How a call says who it is: the header Authorization, made from references to secrets."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

from tasker_core.handlers.parameters.secret_references import Reference, well_referred
from tasker_core.handlers.parameters.url import CallUrl, has_userinfo

_PRINTABLE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")
_USER: Final = re.compile(r"[^\x00-\x1f\x7f:]*")


def _a_user(text: str) -> str:
    if _USER.fullmatch(text.replace("secret://", "")) is None:
        raise ValueError("can't hold a colon or a control character (RFC 7617)")
    return well_referred(text)


def _printable(text: str) -> str:
    if _PRINTABLE.fullmatch(text) is None:
        raise ValueError("must be printable ASCII, without blanks around it")
    return well_referred(text)


def _a_scope(text: str) -> str:
    if _SCOPE.fullmatch(text) is None:
        raise ValueError("must be scopes with one blank between each (RFC 6749, section 3.3)")
    return text


def _a_token_url(url: str) -> str:
    if has_userinfo(url):
        raise ValueError("takes no user and password; give client_id and client_secret")
    return url


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BasicAuth(_Frozen):
    """User and password (RFC 7617). The user may be, or hold, a reference; the password is one."""

    user: Annotated[str, StringConstraints(max_length=1_000), AfterValidator(_a_user)]
    password: Reference


class OAuth2ClientCredentials(_Frozen):
    """A token by client credentials (RFC 6749, section 4.4), fetched when it is needed and kept until it expires.

    `client_auth`: how the client names itself at `token_url`, by the header Authorization (`basic`) or in the request's
    body (`post`).
    """

    token_url: Annotated[CallUrl, AfterValidator(_a_token_url)]
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(_printable)]
    client_secret: Reference
    scope: Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_a_scope)] | None = None
    audience: Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_printable)] | None = None
    client_auth: Literal["basic", "post"] = "basic"


class HttpAuth(_Frozen):
    """Exactly one of: user and password, a bearer token (RFC 6750), or OAuth 2 client credentials."""

    basic: BasicAuth | None = None
    bearer: Reference | None = None
    oauth2: OAuth2ClientCredentials | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(kind is not None for kind in (self.basic, self.bearer, self.oauth2)) != 1:
            raise ValueError("give exactly one of basic, bearer, oauth2")
        return self
