"""Access tokens: what they say, for how long, and every way of forging one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey

from shared.identity import LIFETIME, InvalidToken, Post, Principal, Tokens, csrf, csrf_matches
from shared.identity import tokens as module
from shared.identity.signing import Signer

NOW = datetime(2026, 11, 21, 8, 30, 0, 123_000, tzinfo=UTC)
STAFF = Principal(
    "s-1", "session-1", (Post("hut", unit="530103004007"), Post("desk", agency="health")), acting_for="s-2"
)
EDDSA = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


class Keys:
    """A pair of keys of district 530103, as the keyring would give them."""

    district = "530103"

    def __init__(self) -> None:
        private = Ed25519PrivateKey.generate()
        self.signer = Signer.named("k1", private)
        self.pair = OKPKey.import_key(private)
        self.known = {"k1": private.public_key()}

    def token_signer(self) -> Signer:
        """Give the key that signs."""
        return self.signer

    def token_verifying_key(self, kid: str) -> Ed25519PublicKey | None:
        """Give the public key of an id."""
        return self.known.get(kid)


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def tokens(keys: Keys) -> Tokens:
    return Tokens(keys)


@pytest.fixture
def forged(keys: Keys) -> Callable[..., str]:
    """Call to get a token signed with the right key whose claims or header differ from a right one's."""

    def forge(header: dict[str, Any] | None = None, **changes: Any) -> str:
        claims: dict[str, Any] = {
            "iss": "aid",
            "aud": "530103",
            "sub": "s-1",
            "sid": "session-1",
            "iat": NOW.timestamp(),
            "exp": (NOW + LIFETIME).timestamp(),
            "posts": [{"role": "hut", "unit": "530103004007"}],
        }
        claims = {name: value for name, value in (claims | changes).items() if value is not ...}
        return jws.serialize_compact(
            {"alg": "EdDSA", "kid": "k1"} | (header or {}),
            json.dumps(claims),
            keys.pair,
            ["EdDSA", "Ed25519"],
        )

    return forge


def refusal(tokens: Tokens, token: str, now: datetime = NOW) -> str:
    with pytest.raises(InvalidToken) as refused:
        tokens.verify(token, now)
    return refused.value.reason


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def test_a_token_tells_who_it_was_signed_for(tokens: Tokens) -> None:
    assert tokens.verify(tokens.sign(STAFF, NOW), NOW) == replace(STAFF, issued_at=NOW)


@EDDSA
def test_it_has_the_agreed_claims_and_any_library_can_check_it(tokens: Tokens, keys: Keys) -> None:
    checked = jws.deserialize_compact(tokens.sign(STAFF, NOW), keys.pair, ["EdDSA"])

    assert checked.headers() == {"alg": "EdDSA", "kid": "k1"}
    assert json.loads(checked.payload) == {
        "iss": "aid",
        "aud": "530103",
        "sub": "s-1",
        "sid": "session-1",
        "iat": NOW.timestamp(),
        "exp": NOW.timestamp() + 900,
        "posts": [{"role": "hut", "unit": "530103004007"}, {"role": "desk", "agency": "health"}],
        "acting_for": "s-2",
    }


def test_it_ends_after_fifteen_minutes_also_when_it_was_verified_before(tokens: Tokens) -> None:
    token = tokens.sign(STAFF, NOW)
    almost = NOW + LIFETIME - timedelta(milliseconds=1)

    assert timedelta(minutes=15) == LIFETIME
    assert tokens.verify(token, almost).staff == "s-1"
    assert refusal(tokens, token, NOW + LIFETIME) == "expired"
    assert refusal(tokens, token, NOW + LIFETIME) == "expired"


def test_it_ends_sooner_where_whose_it_is_has_less_time_left(tokens: Tokens) -> None:
    token = tokens.sign(STAFF, NOW, until=NOW + timedelta(minutes=2))
    assert tokens.verify(token, NOW + timedelta(minutes=1)).staff == "s-1"
    with pytest.raises(InvalidToken):
        tokens.verify(token, NOW + timedelta(minutes=2))


@EDDSA
def test_a_rightly_forged_one_is_right(tokens: Tokens, forged: Callable[..., str]) -> None:
    assert tokens.verify(forged(), NOW).staff == "s-1"
    assert tokens.verify(forged({"typ": "JWT"}), NOW).staff == "s-1"


@EDDSA
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "other"},
        {"iss": ...},
        {"aud": "141002"},
        {"aud": ["530103"]},
        {"aud": ...},
        {"sub": ""},
        {"sub": 7},
        {"sub": ...},
        {"sid": ""},
        {"sid": ...},
        {"iat": ...},
        {"iat": "soon"},
        {"iat": (NOW + timedelta(minutes=2)).timestamp()},
        {"exp": ...},
        {"exp": NOW.timestamp()},
        {"exp": float("nan")},
        {"exp": None},
        {"posts": ...},
        {"posts": "hut"},
        {"posts": [{}]},
        {"posts": [{"role": 7}]},
        {"posts": [{"role": "hut", "unit": ["1"]}]},
        {"acting_for": 7},
        {"scope": ["a"]},
    ],
)
def test_wrong_claims_are_refused(
    tokens: Tokens, forged: Callable[..., str], changes: dict[str, Any]
) -> None:
    assert refusal(tokens, forged(**changes))


@EDDSA
@pytest.mark.parametrize("header", [{"kid": "k2"}, {"alg": "Ed25519"}, {"jku": "https://example.org"}])
def test_another_key_id_or_header_is_refused(
    tokens: Tokens, forged: Callable[..., str], header: dict[str, Any]
) -> None:
    assert refusal(tokens, forged(header))


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("alg", ["none", "NONE", "HS256", "", None, 7])
def test_no_other_algorithm_is_accepted(tokens: Tokens, alg: object) -> None:
    _, claims, signature = tokens.sign(STAFF, NOW).split(".")

    assert refusal(tokens, f"{part({'alg': alg, 'kid': 'k1'})}.{claims}.{signature}")
    assert refusal(tokens, f"{part({'alg': alg, 'kid': 'k1'})}.{claims}.")


def test_the_public_key_is_no_shared_secret(tokens: Tokens, keys: Keys) -> None:
    claims = claims_of(tokens.sign(STAFF, NOW))
    public = base64.urlsafe_b64decode(str(keys.pair.as_dict()["x"]) + "=")
    token = jws.serialize_compact(
        {"alg": "HS256", "kid": "k1"}, json.dumps(claims), OctKey.import_key(public)
    )

    assert refusal(tokens, token)


@pytest.mark.parametrize("position", range(3))
def test_a_change_in_any_part_is_refused(tokens: Tokens, position: int) -> None:
    parts = tokens.sign(STAFF, NOW).split(".")
    middle = len(parts[position]) // 2
    letter = "A" if parts[position][middle] != "A" else "B"
    parts[position] = parts[position][:middle] + letter + parts[position][middle + 1 :]

    assert refusal(tokens, ".".join(parts))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "密.钥.匙",
        "\ud800",
        "a" * 10_000,
        part([]) + ".." + part({}),
        "null.null.null",
    ],
)
def test_what_is_no_token_is_refused(tokens: Tokens, token: str) -> None:
    assert refusal(tokens, token)


def test_another_districts_token_is_refused(tokens: Tokens, keys: Keys) -> None:
    elsewhere = Keys()
    elsewhere.district, elsewhere.signer = "141002", keys.signer

    assert refusal(tokens, Tokens(elsewhere).sign(STAFF, NOW)) == "another district"


def test_a_verified_token_is_not_checked_again(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tokens.sign(STAFF, NOW)
    first = tokens.verify(token, NOW)
    monkeypatch.setattr(module, "verify", lambda *_: pytest.fail("checked twice"))

    assert tokens.verify(token, NOW + timedelta(minutes=1)) is first


def test_a_key_that_is_withdrawn_ends_its_tokens(tokens: Tokens, keys: Keys) -> None:
    token = tokens.sign(STAFF, NOW)
    tokens.verify(token, NOW)

    keys.known.clear()

    assert refusal(tokens, token)


def test_memory_of_verified_tokens_is_bounded(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CACHED", 3)
    made = [tokens.sign(replace(STAFF, session=str(number)), NOW) for number in range(10)]
    for token in made:
        tokens.verify(token, NOW)

    assert list(tokens._verified) == made[-3:]


def test_refused_tokens_are_not_remembered(tokens: Tokens) -> None:
    for number in range(10):
        refusal(tokens, f"a.b.{number}")

    assert not tokens._verified


def test_a_form_token_belongs_to_one_session() -> None:
    assert csrf("session-1") == csrf("session-1")
    assert csrf_matches("session-1", csrf("session-1"))
    assert not csrf_matches("session-2", csrf("session-1"))
    assert not csrf_matches("session-1", None)
    assert not csrf_matches("session-1", "密")
    assert "session-1" not in csrf("session-1")
