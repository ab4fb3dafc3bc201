"""An origin: a local https server with a certificate from a temporary authority."""

import contextlib
import datetime as dt
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = tuple[int, Mapping[str, str]]
"""Status and headers."""


@dataclass
class Origin:
    """A running origin and the headers of the requests that reached it."""

    url: str
    requests: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Authority:
    """A certificate authority: the file to trust, and the file with a server's certificate and key."""

    certificate: Path
    server: Path


def authority(folder: Path, *, host: str = "localhost") -> Authority:
    """Create an authority and a server certificate for a host."""
    ca_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    ca = _certificate(ca_name, ca_name, ca_key, ca_key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    server = _certificate(name, ca_name, server_key, ca_key).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False
    )
    pem = serialization.Encoding.PEM
    certificate, server_file = folder / f"{host}-ca.pem", folder / f"{host}.pem"
    certificate.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    server_file.write_bytes(
        server.sign(ca_key, hashes.SHA256()).public_bytes(pem)
        + server_key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return Authority(certificate, server_file)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(identifier, critical=False)
    )


@contextlib.contextmanager
def https_origin(
    trust: Authority, answer: Callable[[str, Mapping[str, str]], Answer]
) -> Iterator[Origin]:
    """Serve on a free port; `answer` receives the path and headers of each request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            origin.requests.append(dict(self.headers))
            status, headers = answer(self.path, dict(self.headers))
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Do not log connections that the client closes."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trust.server)
    with Server(("127.0.0.1", 0), Handler) as server:
        # The handler does the handshake, so that a failed one does not stop the server.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        origin = Origin(f"https://localhost:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield origin
        finally:
            server.shutdown()
            thread.join()
