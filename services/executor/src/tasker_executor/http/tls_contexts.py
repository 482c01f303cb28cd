"""TLS with authorities and certificates of a task's own, from PEM texts that are in memory alone."""

import os
import ssl
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import certifi

MAX_CONTEXTS = 64
"""How many are kept. Each is as large as the authorities in it; connections are only used again under the same one."""


class UnusablePem(Exception):
    """A PEM text can't be used; `part` says which: `ca`, `certificate` or `key`."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(reason)
        self.part = part


@dataclass(frozen=True, slots=True)
class PemTexts:
    """`ca`: instead of the usual authorities. `certificate`: with its chain, and its key unless there is `key`."""

    ca: str | None = None
    certificate: str | None = None
    key: str | None = None


class TlsContexts:
    """Contexts by what is in them: the same texts get the same one, an exchanged secret another one."""

    def __init__(self, ca_file: Path | None = None) -> None:
        """`ca_file` has authorities of the operator, which are trusted besides the usual ones."""
        self._ca_file = ca_file
        self._contexts: OrderedDict[PemTexts, ssl.SSLContext] = OrderedDict()
        self._lock = threading.Lock()  # requests are built in threads, where secrets are files

    def context(self, pem: PemTexts) -> ssl.SSLContext:
        """The context with these texts. Servers are always verified. Raises UnusablePem."""
        with self._lock:
            if (known := self._contexts.get(pem)) is not None:
                self._contexts.move_to_end(pem)
                return known
        made = _context(pem, self._ca_file)
        with self._lock:
            made = self._contexts.setdefault(pem, made)
            while len(self._contexts) > MAX_CONTEXTS:
                self._contexts.popitem(last=False)
        return made


def usual_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """The authorities of the operating system and Mozilla's, as certifi brings them, and those of a file."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    if ca_file is not None:
        context.load_verify_locations(cafile=str(ca_file))
    return context


def _context(pem: PemTexts, ca_file: Path | None) -> ssl.SSLContext:
    if pem.ca is None:
        context = usual_context(ca_file)
    else:
        try:
            context = ssl.create_default_context(cadata=pem.ca)
        except (ssl.SSLError, ValueError):
            raise UnusablePem("ca", "holds no certificate in PEM") from None
        if not context.cert_store_stats()["x509"]:
            raise UnusablePem("ca", "holds no certificate in PEM")
    if pem.certificate is not None:
        _show(context, pem.certificate, pem.key)
    return context


def _show(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    """Let the context show a certificate. Python's ssl takes files alone: this one is in memory, without a name."""
    file = os.memfd_create("client-certificate", os.MFD_CLOEXEC)
    try:
        os.write(file, f"{certificate}\n{key or ''}\n".encode())
        context.load_cert_chain(f"/proc/self/fd/{file}", password=_no_password)
    except _NoPassword:
        raise UnusablePem(
            "key" if key else "certificate", "holds an encrypted key; give it without a password"
        ) from None
    except (ssl.SSLError, OSError):
        part = "certificate" if key is None else "key"
        reason = "holds no certificate with its key in PEM" if key is None else "is not the certificate's key in PEM"
        raise UnusablePem(part, reason) from None
    finally:
        os.close(file)


class _NoPassword(Exception):
    """The key is encrypted. Without this, OpenSSL would ask at the terminal."""


def _no_password() -> str:
    raise _NoPassword
