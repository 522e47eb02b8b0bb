"""Sealed packets: who can open them, and that nothing about them can be changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from joserfc import jwe, jwk, jws

from shared.sealing import KINDS, CannotOpen, CannotSeal, Keyring, MissingKey, Use
from tests.unit.sealing.conftest import LEG, NOW, Installation, as_joserfc

Seal = Callable[..., str]


def refusal(keyring: Keyring, token: str, **changes: str) -> str:
    facts = {"receiver": "civil-affairs", "kind": "packet", "subject": LEG} | changes
    with pytest.raises(CannotOpen) as refused:
        keyring.open(token, **facts)
    return refused.value.reason


def test_the_receiver_reads_what_intake_sealed(sealed: Seal, referrals: Keyring) -> None:
    claims = referrals.open(sealed(rev=3), "civil-affairs", "packet", LEG)

    assert claims.body == {"programme": "dibao", "person": {"name": "张小明"}}
    assert (claims.sender, claims.rev, claims.iat) == ("intake", 3, NOW)


def test_intake_itself_cannot_open_what_it_sent(sealed: Seal, intake: Keyring) -> None:
    assert refusal(intake, sealed()) == "no-key"


def test_the_same_body_sealed_twice_shares_nothing(sealed: Seal) -> None:
    one, other = sealed().split("."), sealed().split(".")

    assert all(one[part] != other[part] for part in (0, 2, 3, 4))


def test_another_agency_is_refused(sealed: Seal, referrals: Keyring) -> None:
    assert refusal(referrals, sealed(), receiver="health") == "wrong-receiver"


def test_a_packet_passed_on_to_another_agency_is_refused(sealed: Seal, installation: Installation) -> None:
    referrals = installation.keyring("referrals")
    kid, key = as_joserfc(referrals, Use.PACKET_RECEIVING, "civil-affairs")
    signed = jwe.decrypt_compact(sealed(), key).plaintext or b""
    other, public = as_joserfc(referrals, Use.PACKET_RECEIVING, "health")
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": other, "cty": "JWT"}
    passed_on = jwe.encrypt_compact(header, signed, public)

    assert other != kid
    assert refusal(referrals, passed_on, receiver="health") == "wrong-receiver"


def test_another_leg_is_refused(sealed: Seal, referrals: Keyring) -> None:
    assert refusal(referrals, sealed(), subject=LEG[:-1] + "2") == "wrong-subject"


def test_another_kind_is_refused(sealed: Seal, referrals: Keyring) -> None:
    assert refusal(referrals, sealed(), kind="badge") == "wrong-kind"


@pytest.mark.parametrize("part", range(5))
def test_a_change_in_any_part_is_refused(sealed: Seal, referrals: Keyring, part: int) -> None:
    parts = sealed().split(".")
    changed = list(parts[part]) or ["A", "A", "A"]
    changed[len(changed) // 2] = "A" if changed[len(changed) // 2] != "A" else "B"
    parts[part] = "".join(changed)

    assert refusal(referrals, ".".join(parts)) in {"changed", "malformed", "no-key"}


def test_a_change_inside_the_signed_text_is_refused(sealed: Seal, referrals: Keyring) -> None:
    kid, key = as_joserfc(referrals, Use.PACKET_RECEIVING, "civil-affairs")
    header, payload, signature = (jwe.decrypt_compact(sealed(), key).plaintext or b"").decode().split(".")
    forged = f"{header}.{payload[:-4]}{payload[-4:].swapcase()}.{signature}"
    again = jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A256GCM", "kid": kid}, forged, key)

    assert refusal(referrals, again) == "bad-signature"


def test_a_signature_by_a_stranger_is_refused(referrals: Keyring) -> None:
    intake_kid, _ = as_joserfc(referrals, Use.PACKET_SIGNING, "intake")
    kid, key = as_joserfc(referrals, Use.PACKET_RECEIVING, "civil-affairs")
    stranger = jwk.OKPKey.generate_key("Ed25519")
    with pytest.warns(match="EdDSA"):
        signed = jws.serialize_compact({"alg": "EdDSA", "kid": intake_kid}, b"{}", stranger, ["EdDSA"])
    token = jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A256GCM", "kid": kid}, signed, key)

    assert refusal(referrals, token) == "bad-signature"


def test_an_unsigned_text_is_refused(referrals: Keyring) -> None:
    kid, key = as_joserfc(referrals, Use.PACKET_RECEIVING, "civil-affairs")
    token = jwe.encrypt_compact(
        {"alg": "ECDH-ES", "enc": "A256GCM", "kid": kid}, "eyJhbGciOiJub25lIn0.e30.", key
    )

    assert refusal(referrals, token) == "bad-signature"


@pytest.mark.parametrize(
    "header",
    [{"enc": "A128GCM"}, {"alg": "ECDH-ES+A256KW"}, {"zip": "DEF"}, {"apu": "QQ"}, {"kid": "unknown"}],
)
def test_another_profile_is_refused(referrals: Keyring, header: dict[str, str]) -> None:
    kid, key = as_joserfc(referrals, Use.PACKET_RECEIVING, "civil-affairs")
    ours = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": kid}
    algorithms = ["ECDH-ES", "ECDH-ES+A256KW", "A128GCM", "A256GCM", "DEF"]
    token = jwe.encrypt_compact(ours | header, "text", key, algorithms)

    assert refusal(referrals, token) in {"malformed", "no-key"}


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "a.b.c.d.e", "....", "eyJ9....", "é....", "x" * 70_000])
def test_what_is_no_packet_is_refused(referrals: Keyring, token: str) -> None:
    assert refusal(referrals, token) in {"malformed", "changed"}


def test_an_answer_goes_from_an_agency_to_intake(intake: Keyring, referrals: Keyring) -> None:
    answer = referrals.seal("intake", "health", LEG, "answer", {"action": "close"}, now=NOW)

    claims = intake.open(answer, "intake", "answer", LEG, sender="health")

    assert (claims.sender, claims.body) == ("health", {"action": "close"})
    assert refusal(referrals, answer, receiver="intake", kind="answer") == "no-key"


def test_no_agency_can_answer_for_another(intake: Keyring, referrals: Keyring) -> None:
    answer = referrals.seal("intake", "employment", LEG, "answer", {"action": "close"}, now=NOW)

    with pytest.raises(CannotOpen) as refused:
        intake.open(answer, "intake", "answer", LEG, sender="health")
    assert refused.value.reason == "wrong-sender"


def test_a_contact_packet_goes_to_notifications_alone(
    installation: Installation, intake: Keyring, referrals: Keyring
) -> None:
    contact = intake.seal("notifications", "intake", LEG, "contact", {"phone": "13800000000"}, now=NOW)

    opened = installation.keyring("notifications").open(contact, "notifications", "contact", LEG)

    assert opened.body == {"phone": "13800000000"}
    assert refusal(referrals, contact, receiver="notifications", kind="contact") == "no-key"


def test_what_goes_to_an_agency_with_its_own_key_nobody_here_can_open(
    installation: Installation, sealed: Seal, intake: Keyring, referrals: Keyring
) -> None:
    token = sealed(receiver="housing")

    assert not any(keyring.can_open("housing") for keyring in (intake, referrals))
    assert refusal(referrals, token, receiver="housing") == "no-key"
    assert jwe.decrypt_compact(token, installation.outside_key).plaintext


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("sender", "receiver"), [("intake", "intake"), ("health", "civil-affairs"), ("notifications", "health")]
)
def test_a_kind_only_goes_its_own_way(intake: Keyring, kind: str, sender: str, receiver: str) -> None:
    with pytest.raises(CannotSeal):
        intake.seal(receiver, sender, LEG, kind, {}, now=NOW)


def test_what_an_agency_keeps_for_itself_is_opened_by_itself_alone(referrals: Keyring) -> None:
    token = referrals.seal("health", "health", LEG, "internal", {"text": "已电话核实"}, now=NOW)

    assert referrals.open(token, "health", "internal", LEG).body == {"text": "已电话核实"}
    assert refusal(referrals, token, receiver="civil-affairs", kind="internal") == "wrong-receiver"


def test_intake_cannot_sign_for_an_agency(intake: Keyring) -> None:
    with pytest.raises(MissingKey):
        intake.seal("intake", "health", LEG, "answer", {}, now=NOW)


def test_a_body_too_large_for_other_libraries_is_not_sealed(sealed: Seal, referrals: Keyring) -> None:
    assert referrals.open(sealed(body={"note": "字" * 10_000}), "civil-affairs", "packet", LEG).rev == 1
    with pytest.raises(CannotSeal, match="too large"):
        sealed(body={"note": "字" * 11_000})
