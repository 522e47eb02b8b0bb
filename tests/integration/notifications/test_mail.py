"""Mail goes under STARTTLS to a server whose certificate is good, as whom it knows; to another goes not a word."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local.ports import free_port
from shared.channels import MailServer, Outcome, Result
from tests.integration.notifications.far_ends import MAIL, Letters

HOST, SENDER, USER, PASSWORD = "127.0.0.1", "aid@example.org", "aid", "password of a test"
WORDS = ("key", MAIL, "subject", "text")


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the certificates of an authority made for the day: its own, and with its key that of a server here."""
    folder = tmp_path_factory.mktemp("certificates")
    authority, server = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ours = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])
    theirs = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server of a test")])
    key_of = x509.SubjectKeyIdentifier.from_public_key(authority.public_key())
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))])
    top = _signed(authority, ours, ours, authority, x509.BasicConstraints(ca=True, path_length=0), key_of)
    by_whom = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_of)
    leaf = _signed(authority, ours, theirs, server, here, by_whom)
    trusted, shown = folder / "authority.pem", folder / "server.pem"
    trusted.write_bytes(top)
    unencrypted = serialization.NoEncryption()
    shown.write_bytes(
        server.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)
        + leaf
    )
    return trusted, shown


def _signed(
    by: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    subject: x509.Name,
    whose: ec.EllipticCurvePrivateKey,
    *extensions: x509.ExtensionType,
) -> bytes:
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(whose.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    for extension in extensions:
        critical = isinstance(extension, x509.BasicConstraints)
        certificate = certificate.add_extension(extension, critical=critical)
    return certificate.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@contextmanager
def a_server(issued: tuple[Path, Path], *, asks_who: bool = False) -> Iterator[tuple[MailServer, Letters]]:
    """Run a mail server that takes nothing before STARTTLS, and nothing of strangers if it asks who they are."""
    _, shown = issued
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(shown)
    letters, port = Letters(), free_port()
    controller = Controller(
        letters,
        hostname=HOST,
        port=port,
        tls_context=context,
        require_starttls=True,
        auth_required=asks_who,
        authenticator=_authenticate,
    )
    controller.start()
    try:
        yield MailServer(HOST, port, SENDER), letters
    finally:
        controller.stop()


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _how: str, said: object
) -> AuthResult:
    known = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=said == known, handled=said == known)


@pytest.fixture
def trusting(issued: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine trust that authority, as a district's own would be trusted."""
    trusted, _ = issued
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))


@pytest.mark.usefixtures("trusting")
def test_a_mail_goes_encrypted_to_a_server_with_a_good_certificate(issued: tuple[Path, Path]) -> None:
    with a_server(issued) as (server, letters):
        assert server.send(*WORDS) == Result(Outcome.SENT)
    assert [letter.rcpt_tos for letter in letters.letters] == [[MAIL]]
    assert [session.ssl is not None for session in letters.sessions] == [True]


def test_to_a_server_whose_certificate_nobody_vouches_for_nothing_is_said(issued: tuple[Path, Path]) -> None:
    with a_server(issued) as (server, letters):
        result = server.send(*WORDS)
    assert (result.outcome, result.away, letters.letters) == (Outcome.NOT_TAKEN, True, [])


@pytest.mark.usefixtures("trusting")
def test_where_the_server_asks_who_we_are_it_is_told_and_a_wrong_password_sends_nothing(
    issued: tuple[Path, Path],
) -> None:
    with a_server(issued, asks_who=True) as (server, letters):
        known = MailServer(HOST, server.port, SENDER, user=USER, password=PASSWORD)
        stranger = MailServer(HOST, server.port, SENDER, user=USER, password="another")
        assert known.send(*WORDS) == Result(Outcome.SENT)
        assert stranger.send(*WORDS) == Result(Outcome.NOT_TAKEN, "server-refuses-us", away=True)
    assert [session.authenticated for session in letters.sessions] == [True]
