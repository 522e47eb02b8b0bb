"""What is written about people is ciphertext of its own table, column and row; the columns are found, not listed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from deploy.embedded.environment import SERVICES
from deploy.every_table import metadata_of
from services.intake.schemas.http import ConsentBody, consent_from
from services.intake.use_cases.add_legs import AddLegs, add_legs
from services.intake.use_cases.correct import CorrectedLeg, CorrectRequest, correct_request
from services.intake.use_cases.drafts import create_draft
from services.intake.use_cases.leads import ReportLead, report_lead
from services.intake.use_cases.papers import AddPaper, add_paper
from shared.sealing import CannotDecrypt, CannotOpen, Keyring
from shared.sealing.columns import SEALED_TO, WHOLE, SealedTable, row_id, sealed_tables, sealed_texts
from shared.sealing.fields import FORMAT
from tests import databases
from tests.builders import HUT_UNIT, a_consent, a_filing, a_person, a_principal, an_installation
from tests.integration.legs.both_ways import HUT, BothWays
from tests.papers import a_pdf

PERSON = a_person(name="欧阳采薇", name_pinyin="Ouyang Caiwei", phone="13800009876")
SAID = {
    "note": "屋顶漏雨，请先来看",
    "guardian": "上官怀瑾",
    "child": "欧阳知夏",
    "message": "下午两点以后在家",
    "asked": "请补交户口簿复印件",
    "lead": "孩子没有校服",
    "draft": "诸葛问渠",
    "mail": "ouyang.caiwei@example.org",
}
MARKS = (*SAID.values(), *(PERSON[name] for name in ("name", "name_pinyin", "id_number", "phone")))
BY_GUARDIAN = {"given_by": "guardian", "guardian": {"name": SAID["guardian"], "relation": "parent"}}

ELSEWHERE = frozenset(
    {
        ("idempotency_keys", "fingerprint"),
        ("idempotency_keys", "body"),
        ("slips", "content_key"),
        ("second_factors", "secret"),
        ("second_factors", "recovery"),
        ("objections", "words"),
        ("objections", "answer"),
        ("request_events", "words"),
    }
)
"""Columns that this story leaves empty; they are read back where they are written."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, _originals: Path) -> Iterator[BothWays]:
    """Tell a story in which people say something wherever something can be said."""
    folder = tmp_path_factory.mktemp("told")
    with databases.kept_open() as keep:
        ways = BothWays(an_installation(databases.OnSqlite(folder, _originals, keep)))
        _tell(ways)
        yield ways


def _tell(ways: BothWays) -> None:
    legs = [
        {"programme": "dibao", "note": SAID["note"]},
        {
            "programme": "child-fact",
            "beneficiary": {"relation": "child", "name": SAID["child"], "birth_date": "2018-05-01"},
        },
    ]
    consents = [a_consent("civil-affairs", ("dibao", "child-fact"), **BY_GUARDIAN)]
    filed = ways.file(
        "dibao", person=PERSON, legs=legs, consents=consents, answers={"urgent_cause": "accident"}
    )
    leg = filed["legs"][0]["id"]
    add_paper(ways.intake, HUT, AddPaper(request=filed["id"], kind="id-card", content=a_pdf(size=3000)))
    correct_request(
        ways.intake,
        HUT,
        CorrectRequest(
            request=filed["id"],
            person={"phone": "13800005432"},
            legs=(CorrectedLeg(leg, {"note": SAID["note"] * 2}),),
        ),
    )
    again = ConsentBody().load(a_consent("civil-affairs", ("dibao",), **BY_GUARDIAN))
    ways.later(minutes=1)
    add_legs(ways.intake, HUT, AddLegs(request=filed["id"], legs=(), consents=(consent_from(again),)))
    ways.carry()
    ways.ask(filed["id"], leg, "message", {"text": SAID["message"]})
    ways.at_desk(leg, "acknowledge")
    ways.at_desk(leg, "request-documents", {"papers": ["id-card"], "note": SAID["asked"]})
    create_draft(ways.intake, HUT, a_filing("dibao", person=a_person(name=SAID["draft"])))
    report_lead(
        ways.intake,
        a_principal("grid"),
        ReportLead(name=SAID["guardian"], errand=SAID["lead"], community=HUT_UNIT, phone="13800005432"),
    )
    wish = {"channels": ["mail"], "expires_on": "2027-05-01", "given_by": "person", "mail": SAID["mail"]}
    ways.file("dibao", person=PERSON, contact_consent=wish)


def every(service: str) -> list[tuple[SealedTable, sa.Column[Any]]]:
    return [(table, column) for table in sealed_tables(*metadata_of(service)) for column in table.columns]


def kept(
    ways: BothWays, service: str, sealed: SealedTable, column: sa.Column[Any]
) -> list[tuple[str, bytes]]:
    """Give (row, ciphertext) of a column as far as it is ours to decrypt."""
    with ways.installation.databases[service].read() as connection:
        rows = connection.execute(sa.select(sealed.key, column).where(column.is_not(None))).all()
    return [(row_id(key), value) for key, value in rows if value[:1] == FORMAT]


def refused(keyring: Keyring, table: str, column: str, row: str, value: bytes) -> bool:
    try:
        keyring.fields.decrypt_bytes(table, column, row, value)
    except CannotDecrypt:
        return True
    return False


def test_every_encrypted_column_opens_in_its_own_place_and_in_no_other(told: BothWays) -> None:
    silent = set()
    for service in SERVICES:
        keyring = told.installation.keyring(service)
        columns = every(service)
        for sealed, column in columns:
            rows = kept(told, service, sealed, column)
            place = sealed.place(column.name)
            if not rows:
                silent.add((sealed.table.name, column.name))
            for row, value in rows:
                assert not refused(keyring, *place, row, value), f"{sealed.table.name}.{column.name} {row}"
                for other, another in columns:
                    if other.place(another.name) != place:
                        assert refused(keyring, *other.place(another.name), row, value)
            for (row, _), (_, moved) in itertools.pairwise([*rows, *rows[:1]]):
                assert len(rows) == 1 or refused(keyring, *place, row, moved), f"{place} moved to {row}"
    assert silent <= ELSEWHERE, "a column that the story does not fill: tell of it, or say where it is tried"


def test_another_service_opens_no_column(told: BothWays) -> None:
    sealed, column = next(one for one in every("intake") if one[1].name == "name")
    (row, value), *_ = kept(told, "intake", sealed, column)
    for service in ("referrals", "notifications"):
        assert refused(told.installation.keyring(service), "people", "name", row, value)


def test_a_packet_moved_to_another_referral_or_agency_is_refused(told: BothWays) -> None:
    texts = [column for column in sealed_texts(*metadata_of("referrals")) if column.info[SEALED_TO] == WHOLE]
    keyring, seen = told.parts.keyring, 0
    with told.parts.database.read() as connection:
        for column in texts:
            if "referral_id" not in column.table.c:
                continue
            rows = connection.execute(sa.select(column.table.c.referral_id, column)).all()
            for referral, value in rows:
                token = value.decode() if isinstance(value, bytes) else value
                seen += 1
                kind = {"sealed": "message"}.get(column.name, column.name)
                assert keyring.open(token, "civil-affairs", kind, referral).body
                for agency, subject in (("civil-affairs", "another-leg"), ("employment", referral)):
                    with pytest.raises(CannotOpen):
                        keyring.open(token, agency, kind, subject)
    assert seen


def test_nothing_that_was_said_stands_open_in_any_table(told: BothWays) -> None:
    found = []
    for service, database in told.installation.databases.items():
        with database.read() as connection:
            for table in (table for each in metadata_of(service) for table in each.sorted_tables):
                for row in connection.execute(sa.select(table)).mappings():
                    for name, value in row.items():
                        shown = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                        found += [(table.name, name, mark) for mark in MARKS if mark in shown]
    assert found == []
