"""A certification authority of a test's own, and PEM files as servers and clients want them."""

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from tasker_devstack.processes.ports import HOST


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """`ca` has signed all of them. `server` and `client` hold a key with its certificate, the other two one of both."""

    ca: Path
    server: Path
    client: Path
    client_cert: Path
    client_key: Path


def issue_certificates(folder: Path) -> CertificateFiles:
    """Make a new authority and certificates of it, for HOST and for the client `tasker`."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    files = CertificateFiles(
        *(folder / f"{name}.pem" for name in ("ca", "server", "client", "client-cert", "client-key"))
    )
    server, client = authority.issue_cert(HOST, "localhost"), authority.issue_cert("tasker", common_name="tasker")
    authority.cert_pem.write_to_path(str(files.ca))
    for issued, file in ((server, files.server), (client, files.client)):
        file.write_bytes(_key(issued) + _certificate(issued))
    files.client_cert.write_bytes(_certificate(client))
    files.client_key.write_bytes(_key(client))
    return files


def _certificate(issued: trustme.LeafCert) -> bytes:
    return b"".join(blob.bytes() for blob in issued.cert_chain_pems)


def _key(issued: trustme.LeafCert) -> bytes:
    """In PKCS 8, the only form that Kafka reads."""
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
