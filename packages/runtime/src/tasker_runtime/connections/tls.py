"""TLS contexts from PEM files: made when the settings are read, so that a wrong file is found at the start."""

import ssl
from pathlib import Path

from tasker_core.errors import TaskerError


class UnusableFile(TaskerError):
    """A file of the settings that can't be read, or holds no PEM of the kind that is needed."""


def tls_context(ca: tuple[str, Path | None], certificate: tuple[str, Path | None], key: Path | None) -> ssl.SSLContext:
    """A context of a client that checks the server's certificate and its host name.

    `ca` and `certificate` are (name of the setting, file). Without a CA file the system's are trusted; without a
    certificate the client shows none. `key` None: the certificate's file holds it, too. Raises UnusableFile.
    """
    context, (ca_name, ca_file), (certificate_name, certificate_file) = ssl.create_default_context(), ca, certificate
    if ca_file is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise _unusable(ca_name, ca_file, error, "one or more CA certificates in PEM form") from None
    if certificate_file is not None:
        try:
            context.load_cert_chain(certificate_file, key, password=_no_password)
        except (OSError, ssl.SSLError) as error:
            holds = "a certificate with its private key" if key is None else f"a certificate of the key in {key},"
            raise _unusable(certificate_name, certificate_file, error, f"{holds} in PEM form, not encrypted") from None
    return context


def _no_password() -> str:
    """OpenSSL would ask on the terminal for the password of an encrypted key."""
    return ""


def _unusable(setting: str, file: Path, error: OSError, wanted: str) -> UnusableFile:
    # An SSLError is an OSError; only the others have a file system's reason.
    reason = "it does not hold that" if isinstance(error, ssl.SSLError) else error.strerror
    return UnusableFile(f"{setting}={file} can't be used ({reason}): name a file with {wanted}")
