"""The encryption profile: the RFCs' own examples, a library beside it, and every part held fast."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import OKPKey

from shared.identity.compact import decode, encode
from shared.sealing.encryption import LONGEST, Changed, NotSealed, Receiver, concat_kdf, decrypt, other_info

BOB = X25519PrivateKey.from_private_bytes(
    bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
)
"""The receiver of RFC 8037, appendix A.6 (RFC 7748 §6.1 gives the private part)."""
EPHEMERAL = "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"
AGREED = bytes.fromhex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
RECEIVER = Receiver.named("Bob", BOB.public_key())
OURS = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": "Bob", "cty": "JWT"}
NONCE = bytes(12)
bob = {"Bob": BOB}.__getitem__


def by_hand(plain: bytes, header: Any = None, *, agreed: bytes = AGREED, **parts: bytes) -> str:
    """Write a token for Bob with the ephemeral key of the RFC; name what should differ."""
    epk = {"kty": "OKP", "crv": "X25519", "x": EPHEMERAL}
    head = encode(orjson.dumps(OURS | {"epk": epk} if header is None else header))
    info = b"\0\0\0\7A256GCM" + bytes(8) + b"\0\0\1\0"
    key = ConcatKDFHash(algorithm=hashes.SHA256(), length=32, otherinfo=info).derive(agreed)
    sealed = AESGCM(key).encrypt(NONCE, plain, head)
    made = {"wrapped": b"", "nonce": NONCE, "body": sealed[:-16], "tag": sealed[-16:]} | parts
    return b".".join((head, *map(encode, made.values()))).decode()


def test_the_example_of_rfc_7518_comes_out_to_the_letter() -> None:
    agreed = bytes.fromhex("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4")

    key = concat_kdf(agreed, other_info("A128GCM", 128, party_u=b"Alice", party_v=b"Bob"))

    assert encode(key[:16]) == b"VqqN6vgjbSBcIijNcacQGg"


def test_the_agreement_of_rfc_8037_opens_a_text() -> None:
    assert encode(BOB.public_key().public_bytes_raw()) == b"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"
    assert decrypt(by_hand(b"words"), bob) == b"words"


@given(st.binary(max_size=400))
def test_what_we_encrypt_a_library_reads_and_we_read_again(plain: bytes) -> None:
    token = RECEIVER.encrypt(plain)

    read = jwe.decrypt_compact(token, OKPKey.import_key(BOB))
    assert (read.plaintext or b"") == plain
    assert {name: read.protected[name] for name in OURS} == OURS
    assert read.protected.keys() - OURS.keys() == {"epk"}
    assert read.protected["epk"].keys() == {"kty", "crv", "x"}
    assert decrypt(token, bob) == plain


@given(st.binary(max_size=400), st.sampled_from([{}, {"typ": "JWT"}]))
def test_what_a_library_encrypts_we_read(plain: bytes, more: dict[str, str]) -> None:
    token = jwe.encrypt_compact(more | OURS, plain, OKPKey.import_key(BOB.public_key()))

    assert decrypt(token, bob) == plain


def test_no_ephemeral_key_and_no_nonce_comes_twice() -> None:
    tokens = [RECEIVER.encrypt(b"the same words").split(".") for _ in range(50)]

    assert len({decode(token[0].encode())[-47:] for token in tokens}) == len(tokens)
    assert len({token[2] for token in tokens}) == len(tokens)


@given(st.data())
def test_no_letter_can_be_another_left_out_or_added(data: st.DataObject) -> None:
    token = by_hand(b'{"sub":"somebody"}')
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.text(max_size=2).filter(lambda letters: letters != token[place]))

    with pytest.raises((Changed, NotSealed, KeyError)):
        decrypt(token[:place] + other + token[place + 1 :], bob)


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "ECDH-ES+A256KW"},
        {"alg": "dir"},
        {"alg": ["ECDH-ES"]},
        {"enc": "A128GCM"},
        {"enc": None},
        {"zip": "DEF"},
        {"crit": ["exp"]},
        {"apu": "QQ"},
        {"jwk": {}},
        {"kid": None},
        {"kid": ["Bob"]},
        {"epk": None},
        {"epk": EPHEMERAL},
        {"epk": {"kty": "OKP", "crv": "X25519"}},
        {"epk": {"kty": "EC", "crv": "X25519", "x": EPHEMERAL}},
        {"epk": {"kty": "OKP", "crv": "X448", "x": EPHEMERAL}},
        {"epk": {"kty": "OKP", "crv": "X25519", "x": EPHEMERAL, "d": EPHEMERAL}},
        {"epk": {"kty": "OKP", "crv": "X25519", "x": EPHEMERAL + "="}},
        {"epk": {"kty": "OKP", "crv": "X25519", "x": EPHEMERAL + "AA"}},
        {"epk": {"kty": "OKP", "crv": "X25519", "x": "密" * 43}},
        {"epk": {"kty": "OKP", "crv": "X25519", "x": 7}},
    ],
)
def test_another_header_is_refused_though_the_rest_is_right(changes: dict[str, Any]) -> None:
    header = OURS | {"epk": {"kty": "OKP", "crv": "X25519", "x": EPHEMERAL}} | changes

    with pytest.raises(NotSealed):
        decrypt(by_hand(b"words", header), bob)


@pytest.mark.parametrize("header", [[], "words", None, 7])
def test_a_header_that_is_no_object_is_refused(header: Any) -> None:
    with pytest.raises(NotSealed):
        decrypt(encode(orjson.dumps(header)).decode() + "..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA", bob)


def test_an_ephemeral_key_of_zeros_is_refused() -> None:
    header = OURS | {"epk": {"kty": "OKP", "crv": "X25519", "x": "A" * 43}}

    with pytest.raises(NotSealed):
        decrypt(by_hand(b"words", header, agreed=bytes(32)), bob)


def test_no_boundary_can_be_shifted() -> None:
    body, tag = (decode(part.encode()) for part in by_hand(b"some words").split(".")[3:])
    shifted = [
        {"body": body + tag[:4], "tag": tag[4:]},
        {"body": body[:-4], "tag": body[-4:] + tag},
        {"body": body + tag, "tag": b""},
        {"wrapped": bytes(40)},
        {"nonce": bytes(16)},
        {"nonce": b""},
    ]

    for parts in shifted:
        with pytest.raises(NotSealed):
            decrypt(by_hand(b"some words", **parts), bob)


def test_a_text_without_end_is_refused_unread() -> None:
    token = RECEIVER.encrypt(bytes(LONGEST))

    with pytest.raises(NotSealed, match="longer"):
        decrypt(token, bob)
