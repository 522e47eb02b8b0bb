"""The signature profile: the RFC's own example, and that each text has one form and one meaning."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from shared.identity.compact import decode, encode
from shared.identity.signing import BadSignature, Signer, verify

PRIVATE = Ed25519PrivateKey.from_private_bytes(decode(b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))
"""The key of RFC 8037, appendix A.1."""
PUBLIC = PRIVATE.public_key()
SIGNER = Signer.named("k1", PRIVATE)
known = {"k1": PUBLIC}.get
EDDSA = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


def test_the_example_of_rfc_8037_comes_out_to_the_letter() -> None:
    signer = Signer(b"eyJhbGciOiJFZERTQSJ9.", PRIVATE)

    assert encode(PUBLIC.public_bytes_raw()) == b"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert signer.sign(b"Example of Ed25519 signing") == (
        b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
        b"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )


@EDDSA
@given(st.binary(max_size=300))
def test_what_we_sign_a_library_reads_and_we_read_again(payload: bytes) -> None:
    token = SIGNER.sign(payload)

    read = jws.deserialize_compact(token, OKPKey.import_key(PUBLIC), ["EdDSA"])
    assert (read.payload, read.headers()) == (payload, {"alg": "EdDSA", "kid": "k1"})
    assert verify(token, known) == verify(token.decode(), known) == (payload, "k1")


@EDDSA
@given(st.binary(max_size=300))
def test_what_a_library_signs_we_read(payload: bytes) -> None:
    header = {"kid": "k1", "typ": "JWT", "alg": "EdDSA"}

    token = jws.serialize_compact(header, payload, OKPKey.import_key(PRIVATE), ["EdDSA"])

    assert verify(token, known) == (payload, "k1")


@given(st.data())
def test_no_letter_can_be_another_left_out_or_added(data: st.DataObject) -> None:
    token = SIGNER.sign(b'{"sub":"somebody"}')
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.binary(max_size=2).filter(lambda letters: letters != token[place : place + 1]))
    changed = token[:place] + other + token[place + 1 :]

    with pytest.raises(BadSignature):
        verify(changed, known)


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"EdDSA","kid":"k1","crit":["b64"],"b64":false}',
        b'{"alg":"EdDSA","kid":"k1","jwk":{}}',
        b'{"alg":"EdDSA","kid":"k2"}',
        b'{"alg":"EdDSA","kid":["k1"]}',
        b'{"alg":"EdDSA"}',
        b'{"alg":["EdDSA"],"kid":"k1"}',
        b'{"alg":"Ed25519","kid":"k1"}',
        b'{"alg":"none","kid":"k1"}',
        b'{"kid":"k1"}',
        b'["alg","kid"]',
        b"null",
        b"",
        b"\xff",
    ],
)
def test_a_right_signature_under_another_header_is_refused(header: bytes) -> None:
    token = Signer(encode(header) + b".", PRIVATE).sign(b"{}")

    with pytest.raises(BadSignature):
        verify(token, known)


@given(st.binary(max_size=100))
def test_base64url_is_read_in_the_one_form_it_is_written_in(raw: bytes) -> None:
    text = encode(raw)

    assert text == base64.urlsafe_b64encode(raw).rstrip(b"=")
    assert decode(text) == raw


@pytest.mark.parametrize(
    "text", ["A", "AB", "AAB", "AA==", "AAA=", "=", "+AAA", "/AAA", "AA\n", "A AA", "*AAA"]
)
def test_every_other_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)base64"):
        decode(text.encode())
