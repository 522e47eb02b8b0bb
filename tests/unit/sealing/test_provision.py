"""Provisioning: each service holds just the keys it needs, and doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from joserfc.jwk import ECKey, OKPKey

from deploy.keys import BadAgencyKey, provision
from shared import audit
from shared.db import Database
from shared.sealing import CannotOpen, MasterKey, MasterKeyError, Use
from tests.unit.sealing.conftest import LEG, NOW, SERVICES, Installation, a_district, an_agency

LATER = NOW + timedelta(days=1)


def held(installation: Installation, service: str, *, secret: bool) -> set[tuple[str, str]]:
    keys = installation.keyring(service)._now().keys.values()
    return {(key.use, key.owner) for key in keys if bool(key.secret) is secret and key.retired_at is None}


def test_intake_signs_and_seals_and_opens_only_what_is_sent_to_it(installation: Installation) -> None:
    assert held(installation, "intake", secret=True) == {
        ("token-signing", "530103"),
        ("packet-signing", "intake"),
        ("packet-receiving", "intake"),
        ("field", "intake"),
        ("receipt-code", "intake"),
        ("index", "intake"),
        ("index", "civil-affairs"),
        ("index", "health"),
        ("index", "employment"),
        ("index", "housing"),
    }
    assert held(installation, "intake", secret=False) == {
        ("packet-receiving", "notifications"),
        ("packet-receiving", "civil-affairs"),
        ("packet-receiving", "health"),
        ("packet-receiving", "employment"),
        ("packet-receiving", "housing"),
        ("packet-signing", "civil-affairs"),
        ("packet-signing", "health"),
        ("packet-signing", "employment"),
    }


def test_referrals_acts_for_agencies_that_use_our_pages_and_for_no_other(installation: Installation) -> None:
    assert held(installation, "referrals", secret=True) == {
        ("field", "referrals"),
        *((use, agency) for use in ("packet-receiving", "packet-signing", "index") for agency in PLATFORM),
        ("index", "housing"),
    }
    assert held(installation, "referrals", secret=False) == {
        ("token-signing", "530103"),
        ("packet-signing", "intake"),
        ("packet-receiving", "intake"),
    }


PLATFORM = ("civil-affairs", "health", "employment")


def test_notifications_opens_contact_packets_and_nothing_else(installation: Installation) -> None:
    assert held(installation, "notifications", secret=True) == {
        ("field", "notifications"),
        ("packet-receiving", "notifications"),
    }
    assert held(installation, "notifications", secret=False) == {
        ("token-signing", "530103"),
        ("packet-signing", "intake"),
    }


def test_an_agencys_own_private_key_is_nowhere(installation: Installation) -> None:
    for service in SERVICES:
        for key in installation.keyring(service)._now().keys.values():
            if key.owner == "housing" and key.use != Use.INDEX:
                assert key.secret is None
                assert key.kid == installation.outside_key.thumbprint()


def test_again_it_changes_nothing(installation: Installation) -> None:
    before = {service: sorted(installation.keyring(service)._now().keys) for service in SERVICES}

    assert installation.provision(now=LATER) == dict.fromkeys(SERVICES, 0)

    assert {service: sorted(installation.keyring(service)._now().keys) for service in SERVICES} == before


def test_a_new_agency_gets_keys_and_the_others_keep_theirs(installation: Installation) -> None:
    before = set(installation.keyring("intake")._now().keys)
    agencies = (*installation.district.agencies.values(), an_agency("education"))

    given = installation.provision(*agencies, now=LATER)

    assert given == {"intake": 3, "referrals": 3, "notifications": 0}
    assert before < set(installation.keyring("intake")._now().keys)
    token = installation.keyring("intake").seal("education", "intake", LEG, "badge", {}, now=LATER)
    assert installation.keyring("referrals").open(token, "education", "badge", LEG).rev == 1


def test_a_half_stored_pair_is_replaced(installation: Installation) -> None:
    lost = installation.keyring("intake")._now().current(Use.PACKET_RECEIVING, "health").kid
    with installation.databases["referrals"].unit_of_work() as uow:
        uow.connection.execute(sa.text("DELETE FROM keys WHERE kid = :kid"), {"kid": lost})

    installation.provision(now=LATER)

    ring = installation.keyring("intake")._now()
    assert ring.keys[lost].retired_at == LATER
    token = installation.keyring("intake").seal("health", "intake", LEG, "badge", {}, now=LATER)
    assert installation.keyring("referrals").open(token, "health", "badge", LEG).rev == 1


def test_an_agency_may_take_its_key_into_its_own_hands(installation: Installation) -> None:
    old = installation.keyring("intake").seal("health", "intake", LEG, "badge", {"n": 1}, now=NOW)
    own = OKPKey.generate_key("X25519")
    agencies = dict(installation.district.agencies) | {
        "health": an_agency("health", own.as_dict(private=False))
    }

    installation.provision(*agencies.values(), now=LATER)

    intake, referrals = (installation.keyring(service) for service in ("intake", "referrals"))
    new = intake.seal("health", "intake", LEG, "badge", {"n": 2}, now=LATER)
    assert referrals.open(old, "health", "badge", LEG).body == {"n": 1}
    with pytest.raises(CannotOpen):
        referrals.open(new, "health", "badge", LEG)
    assert not referrals.can_open("health")

    installation.provision(now=LATER)
    again = installation.keyring("intake").seal("health", "intake", LEG, "badge", {"n": 3}, now=LATER)
    assert installation.keyring("referrals").open(again, "health", "badge", LEG).body == {"n": 3}


def test_an_agency_may_give_a_set_of_two_keys(installation: Installation) -> None:
    keys = [OKPKey.generate_key(curve).as_dict(private=False) for curve in ("X25519", "Ed25519")]

    installation.provision(an_agency("housing", {"keys": keys}), now=LATER)

    kid = OKPKey.import_key(keys[1]).thumbprint()
    assert installation.keyring("intake")._now().current(Use.PACKET_SIGNING, "housing").kid == kid


BAD_KEYS: list[Mapping[str, Any]] = [
    OKPKey.generate_key("X25519").as_dict(private=True),
    OKPKey.generate_key("Ed25519").as_dict(private=False),
    ECKey.generate_key("P-256").as_dict(private=False),
    {"kty": "OKP", "crv": "X25519"},
    {"kty": "OKP", "crv": "X25519", "x": "AAAA"},
    {"kty": "OKP", "crv": "X25519", "x": "A" * 43},
    {"kty": "OKP", "crv": "X25519", "x": "A" * 42 + "B"},
    {"kty": "OKP", "crv": "X25519", "x": "密" * 43},
    {"keys": []},
]


@pytest.mark.parametrize("jwk", BAD_KEYS)
def test_a_key_that_does_not_fit_is_refused_before_anything_is_stored(
    empty_databases: Mapping[str, Database], jwk: Mapping[str, Any]
) -> None:
    with pytest.raises(BadAgencyKey, match="housing"):
        provision(empty_databases, MasterKey.generate(), a_district(an_agency("housing", jwk)), NOW)
    with empty_databases["intake"].read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM keys")).scalar() == 0


def test_no_agency_may_bear_a_services_name(empty_databases: Mapping[str, Database]) -> None:
    with pytest.raises(BadAgencyKey, match="intake"):
        provision(empty_databases, MasterKey.generate(), a_district(an_agency("intake")), NOW)


def test_with_another_master_key_nothing_is_made(installation: Installation) -> None:
    with pytest.raises(MasterKeyError):
        provision(installation.databases, MasterKey.generate(), installation.district, LATER)


def test_it_is_written_in_the_audit_log(installation: Installation) -> None:
    with installation.databases["notifications"].read() as connection:
        entries = audit.search(connection, audit.AuditQuery(action="keys.provisioned"), limit=10)

    given = {kid for entry in entries for kid in entry.detail["keys"]}
    assert given == set(installation.keyring("notifications")._now().keys)
