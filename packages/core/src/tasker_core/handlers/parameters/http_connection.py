"""PURE. How a call reaches its server: proxy, authorities, client certificate."""

import re
from typing import Annotated, Any, Final, Self, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

from tasker_core.handlers.parameters.field_failures import refused, wrong_at
from tasker_core.handlers.parameters.secret_references import Reference, sheltered
from tasker_core.handlers.parameters.url import CallUrl

_SERVER_NAME: Final = r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*$"
_PROXY: Final = re.compile(r"http://[^/?#]+/?", re.IGNORECASE)
_UNVERIFIED: Final = ("verify", "insecure", "skip_verify", "check_hostname")
_WAY_OUT: Final = (
    "servers are always verified; for one whose certificate no public authority has signed, give that authority's "
    "certificate by tls.ca, and for one that is called by another name than its certificate has, tls.server_name"
)


def _a_proxy(url: str) -> str:
    if _PROXY.fullmatch(sheltered(url)) is None:
        raise ValueError("must be http:// with a host and no path, such as http://proxy.example.com:3128")
    return url


ProxyUrl = Annotated[CallUrl, AfterValidator(_a_proxy)]
"""An HTTP proxy; https:// targets are reached through a tunnel (CONNECT). User and password may be references."""


class TlsOptions(BaseModel):
    """Whom a call trusts, and what it shows. Certificates and keys are PEM, by reference.

    `ca`: the authorities that may have signed the server's certificate, instead of the usual ones. `certificate`: what
    the call shows, with its chain, and with its key unless that is apart in `key`. `server_name`: the name that the
    server's certificate must have, when it is not the host of the URL.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ca: Reference | None = None
    certificate: Reference | None = None
    key: Reference | None = None
    server_name: (
        Annotated[str, StringConstraints(pattern=_SERVER_NAME.replace("(?=.{1,253}$)", ""), max_length=253)] | None
    ) = None

    @model_validator(mode="before")
    @classmethod
    def _always_verified(cls, given: Any) -> Any:
        for name in _UNVERIFIED:
            if isinstance(given, dict) and name in given:
                raise refused(wrong_at(name, message=_WAY_OUT, given=cast("dict[str, Any]", given)[name]))
        return cast("Any", given)

    @model_validator(mode="after")
    def _a_key_of_a_certificate(self) -> Self:
        if self.key is not None and self.certificate is None:
            raise refused(wrong_at("key", message="belongs to a certificate: give that, too", given=self.key))
        return self
