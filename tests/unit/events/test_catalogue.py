"""The catalogue: keys derive from types, and nothing in it says more than a stranger may know."""

from __future__ import annotations

import pytest

from shared.events import CATALOGUE, EventType, types_of


def type_(name: str, *, agency: bool) -> EventType:
    return EventType(
        type=name, producer="referrals", aggregate="referral", agency=agency, summary="", introduced="0.1.0"
    )


def test_a_key_names_the_agency_between_noun_and_fact() -> None:
    assert CATALOGUE["referral.issued.v1"].routing_key("civil-affairs") == "referral.civil-affairs.issued"


def test_a_key_without_an_agency_is_noun_and_fact() -> None:
    assert CATALOGUE["request.submitted.v1"].routing_key(None) == "request.submitted"


def test_the_next_version_of_a_type_reaches_who_bound_the_first() -> None:
    first, second = (
        type_("referral.issued.v1", agency=True),
        type_("referral.issued.v2", agency=True),
    )
    assert first.routing_key("health") == second.routing_key("health")
    assert first.binding_key == second.binding_key


def test_no_key_holds_a_version() -> None:
    for row in CATALOGUE.values():
        assert row.type.rsplit(".", 1)[1] not in row.binding_key.split(".")


def test_an_agency_where_none_is_concerned_is_refused() -> None:
    with pytest.raises(ValueError, match="takes no agency"):
        CATALOGUE["staff.disabled.v1"].routing_key("health")


def test_a_missing_agency_is_refused() -> None:
    with pytest.raises(ValueError, match="needs agency"):
        CATALOGUE["referral.issued.v1"].routing_key(None)


def test_a_type_must_end_in_its_version() -> None:
    with pytest.raises(ValueError, match="ends in its version"):
        type_("referral.issued.first", agency=True)


def test_a_binding_to_an_aggregate_nobody_publishes_is_refused() -> None:
    with pytest.raises(LookupError, match="no type by intake about referral"):
        types_of("intake", "referral")


def test_a_command_is_counted_with_the_aggregate_of_who_gives_it() -> None:
    assert "referral.cancel-requested.v1" in {row.type for row in types_of("intake", "request")}


def test_only_what_the_agencies_side_publishes_goes_outside() -> None:
    assert {row.producer for row in CATALOGUE.values() if row.outside} == {"referrals"}
    assert all(row.agency for row in CATALOGUE.values() if row.outside)
