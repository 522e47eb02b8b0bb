"""Somebody is looked up at an agency by number, name, initials, phone or last four characters."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import id_number
from tests.integration.referrals.desk import PERSON, Caller, Road, leg_of


@pytest.fixture
def found(road: Road, desk: Caller) -> Any:
    """File one known person among others and look for them."""
    number = id_number()
    mine = leg_of(road.file("dibao", person={**PERSON, "id_number": number}))
    leg = desk.get(f"/referrals/{mine}").json
    road.file(
        "dibao",
        person={**PERSON, "name": "王建国", "id_number": id_number(sequence=77), "phone": "13900005678"},
    )
    road.file("pension", person={**PERSON, "id_number": number})

    def look(query: str) -> bool:
        items = desk.get("/referrals", q=query).json["items"]
        assert len(items) <= 1
        return bool(items) and items[0]["id"] == mine

    return look, {"number": leg["number"], "last4": number[-4:]}


@pytest.mark.parametrize("query", ["李秀英", "lxy", "LXY", "13800001234", "138 0000 1234"])
def test_a_person_is_found_by_name_initials_and_phone(found: Any, query: str) -> None:
    look, _ = found
    assert look(query)


@pytest.mark.parametrize("by", ["number", "last4"])
def test_a_person_is_found_by_number_and_last_four(found: Any, by: str) -> None:
    look, known = found
    assert look(known[by])
    assert look(known[by].lower())


@pytest.mark.parametrize("query", ["李秀", "zz", "13800001235", "0000", "MZ-2026-AAAAAAAA", "??"])
def test_what_does_not_fit_wholly_is_not_found(found: Any, query: str) -> None:
    look, _ = found
    assert not look(query)


def test_a_lookup_is_audited_without_the_words(road: Road, desk: Caller, found: Any) -> None:
    desk.get("/referrals", q="李秀英")
    line = road.audited("referrals.searched")[0]
    assert line.detail == {"by": ["name"], "found": 1}
    assert "李秀英" not in repr(line)


def test_a_token_alone_proves_nothing_the_packet_confirms(road: Road, desk: Caller, monkeypatch: Any) -> None:
    road.file("dibao", person=PERSON)
    stored = road.installation.keyring("intake").index.looked_for("civil-affairs", "name", "李秀英")[0]
    monkeypatch.setattr(road.parts.keyring.index, "looked_for", lambda *_: [stored])
    assert desk.get("/referrals", q="王小明").json["items"] == []
