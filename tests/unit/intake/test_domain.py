"""The rules of intake: masking, consent, disclosure, and the life of a request."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from services.intake.domain import consents, disclosure, request, steps, withdrawing
from services.intake.domain.errors import IllegalStep
from services.intake.domain.filing import Beneficiary, Consent, Need, Person
from services.intake.domain.leg_facts import MEANINGS
from services.intake.domain.masking import mask_id_number, mask_name
from shared.events import CATALOGUE

TODAY = date(2026, 11, 23)
PERSON = Person(name="李明华", residence="530103004007", id_number="990000198503120019", phone="13800001234")


def a_consent(**changes: object) -> Consent:
    facts = {
        "agency": "civil-affairs",
        "programmes": ("dibao",),
        "data_kinds": frozenset({"identity", "income"}),
        "expires_on": date(2027, 11, 22),
    }
    return Consent(**{**facts, **changes})  # type: ignore[arg-type]


def test_a_masked_name_keeps_one_character_and_hides_its_length() -> None:
    assert mask_name("李明") == "李**"
    assert mask_name("欧阳明华") == "欧**"


def test_a_masked_number_keeps_region_and_last_four() -> None:
    assert mask_id_number("990000198503120019") == "990000********0019"
    assert mask_id_number(None) is None


def test_a_consent_covers_its_own_agency_and_programme() -> None:
    assert consents.covered_kinds([a_consent()], "civil-affairs", "dibao", TODAY) == {"identity", "income"}


@pytest.mark.parametrize(
    "consent",
    [
        a_consent(agency="health"),
        a_consent(programmes=("tekun",)),
        a_consent(data_kinds=frozenset({"income"})),
        a_consent(expires_on=date(2026, 11, 22)),
        a_consent(starts_on=date(2026, 11, 24)),
    ],
    ids=["another agency", "another programme", "without identity", "expired", "not begun"],
)
def test_no_other_consent_covers_it(consent: Consent) -> None:
    assert consents.covered_kinds([consent], "civil-affairs", "dibao", TODAY) == frozenset()


def test_the_last_day_of_a_consent_counts() -> None:
    assert consents.valid_on(a_consent(expires_on=TODAY, starts_on=TODAY), TODAY)


def test_a_packet_holds_the_programmes_fields_as_far_as_consent_goes() -> None:
    may_read = disclosure.readable(
        {"name": "identity", "id_number": "identity", "phone": "contact"},
        {"household_size": "household", "income_per_head": "income"},
        {"identity", "income"},
    )
    answers = {"household_size": 3, "income_per_head": 420, "care_wish": "not asked for by this programme"}
    body = disclosure.packet("dibao", PERSON, Need(programme="dibao"), answers, may_read)
    assert body == {
        "programme": "dibao",
        "person": {"name": "李明华", "id_number": "990000198503120019"},
        "answers": {"income_per_head": 420},
        "papers": [],
    }


def test_a_beneficiary_goes_along_only_with_consent_to_household() -> None:
    child = Beneficiary(relation="child", name="李小雨", birth_date=date(2015, 6, 1))
    need = Need(programme="child-fact", beneficiary=child, note="放学后由姑姑照看")
    person_fields = {"name": "identity", "beneficiary": "household"}
    without = disclosure.packet(
        "child-fact", PERSON, need, {}, disclosure.readable(person_fields, {}, {"identity"})
    )
    together = disclosure.packet(
        "child-fact", PERSON, need, {}, disclosure.readable(person_fields, {}, {"identity", "household"})
    )
    assert "beneficiary" not in without
    assert together["beneficiary"] == {"relation": "child", "name": "李小雨", "birth_date": "2015-06-01"}
    assert together["note"] == "放学后由姑姑照看"


def test_a_badge_says_no_more_than_a_row_of_a_queue_needs() -> None:
    assert disclosure.badge("dibao", PERSON) == {
        "programme": "dibao",
        "name": "李**",
        "id_number": "990000********0019",
    }


@pytest.mark.parametrize(
    ("status", "fact"),
    list(product(request.STATUSES, (request.LEG_ISSUED, request.LEGS_ENDED, request.LEGS_WITHDRAWN))),
)
def test_a_request_moves_only_as_the_table_says(status: str, fact: str) -> None:
    moves = status in request.statuses_before(fact)
    assert moves == ((status, fact) in request.TRANSITIONS)
    if moves:
        assert request.TRANSITIONS[status, fact] == request.status_after(fact)


def test_every_fact_of_a_leg_in_the_catalogue_has_a_meaning_here() -> None:
    facts = {
        row.type for row in CATALOGUE.values() if row.producer == "referrals" and row.aggregate == "referral"
    }
    # One of them is no fact: it asks for a successor, and a use case of its own answers it.
    assert set(MEANINGS) == facts - {"referral.reissue-requested.v1"}


@pytest.mark.parametrize("status", sorted({"ended", "withdrawn"}))
def test_an_ended_request_cannot_be_withdrawn(status: str) -> None:
    with pytest.raises(IllegalStep) as refused:
        steps.require(steps.Stand(status=status), request.WITHDRAW)
    assert refused.value.status == status


def test_withdrawing_all_asks_for_what_is_open_and_not_yet_asked_for() -> None:
    legs = [("a", "issued", False), ("b", "closed", False), ("c", "received", True), ("d", "accepted", False)]
    assert withdrawing.legs_to_cancel(legs, ()) == ["a", "d"]


@pytest.mark.parametrize("leg", [("a", "closed", False), ("a", "issued", True)], ids=["ended", "asked for"])
def test_a_named_leg_that_cannot_be_withdrawn_is_an_error(leg: tuple[str, str, bool]) -> None:
    with pytest.raises(IllegalStep):
        withdrawing.legs_to_cancel([leg, ("b", "issued", False)], ["a"])


def test_withdrawing_when_nothing_is_left_is_an_error() -> None:
    with pytest.raises(IllegalStep):
        withdrawing.legs_to_cancel([("a", "issued", True)], ())
