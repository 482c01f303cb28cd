"""Where MongoDB is and how clients connect to it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tasker_runtime.connections.tls import UnusableFile, tls_context

CA_FILE, CERT_FILE = "TASKER_MONGODB_CA_FILE", "TASKER_MONGODB_CERT_FILE"
_NO_URL: Final = (
    "MONGODB_URL is no URL of MongoDB such as mongodb://user:password@host:27017/tasker?replicaSet=rs0: check its "
    "hosts and options; user and password must be percent-escaped"
)


@dataclass(frozen=True, slots=True)
class MongoConnection:
    """A replica set as clients reach it. The URL may hold a password; neither repr nor text shows one."""

    url: str = field(repr=False)
    ca_file: Path | None = None
    cert_file: Path | None = None

    def check(self) -> None:
        """Raises ValueError naming the variable when the URL or a file can't be used."""
        from pymongo.errors import PyMongoError  # here, since services without MongoDB have settings, too
        from pymongo.uri_parser import parse_uri

        try:
            # The names of `mongodb+srv://` are looked up in DNS: that is left to the client.
            parsed: dict[str, Any] = {} if self.url.startswith("mongodb+srv://") else parse_uri(self.url)
        except (PyMongoError, ValueError):  # their texts may show a part of the password that is not escaped
            raise ValueError(_NO_URL) from None
        if _hosts(self.url) is None:
            raise ValueError(_NO_URL)
        given = [name for name, file in ((CA_FILE, self.ca_file), (CERT_FILE, self.cert_file)) if file is not None]
        if given and parsed.get("options", {}).get("tls") is False:
            raise ValueError(f"{', '.join(given)} without TLS: set tls=true in MONGODB_URL")
        try:
            tls_context((CA_FILE, self.ca_file), (CERT_FILE, self.cert_file), None)
        except UnusableFile as error:
            raise ValueError(str(error)) from None

    def client_options(self) -> dict[str, Any]:
        """The keyword arguments of a client besides the URL. Files make it use TLS."""
        files = {"tlsCAFile": self.ca_file, "tlsCertificateKeyFile": self.cert_file}
        return {name: str(file) for name, file in files.items() if file is not None}

    def __str__(self) -> str:
        """The hosts, for people."""
        return _hosts(self.url) or "an unreadable URL"


def _hosts(url: str) -> str | None:
    """What stands between the user and the path; None where it can't be told from an unescaped password."""
    authority, *rest = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)
    if any("@" in part for part in rest):
        return None  # the password has one of these characters, and the authority ends within it
    return authority.rpartition("@")[2] or None
