"""What intake takes over HTTP and what it answers; made into commands field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from services.intake.domain import filing
from services.intake.domain.contact import CHANNELS, LANGUAGES
from services.intake.domain.filing import (
    Beneficiary,
    Consent,
    ContactConsent,
    Need,
    Person,
    Refused,
    SubmitRequest,
)
from services.intake.domain.household import OF_BENEFICIARIES
from services.intake.domain.request import FILED, REASONS
from services.intake.schemas.hints import ChecklistLine, Hint
from shared.directory.validation import tidy_id_number
from shared.http.schema import Choice, Id, Length, Matches, Schema
from shared.http.wording import said
from shared.text import Text

NAME = Matches(r"(?=.*\S).{1,60}", Text("请填写姓名（1至60字）。", "Give the name, 1 to 60 characters."))
CODE = Length(min=1, max=64)
PHONE = Length(min=1, max=30)
REGISTRATION = Matches(
    r"[0-9]{6,12}",
    Text(
        "户籍地请填写6至12位行政区划代码，例如 530103。", "Give its code of 6 to 12 digits, such as 530103."
    ),
)
ID_NUMBER = Length(min=1, max=30)


_HOME = "code of a community, or of a street of which the grid lists none"


class PersonBody(Schema):
    """The one who asks for help."""

    name = fields.String(required=True, validate=NAME)
    id_number = fields.String(validate=ID_NUMBER, metadata={"description": "18 characters, GB 11643"})
    phone = fields.String(validate=PHONE)
    birth_date = fields.Date()
    residence = fields.String(required=True, validate=CODE, metadata={"description": _HOME})
    household_registration = fields.String(validate=REGISTRATION)
    name_pinyin = fields.String(validate=Length(min=1, max=120))


class BeneficiaryBody(Schema):
    """Whom the help is for, if not the person."""

    relation = fields.String(required=True, validate=Choice(OF_BENEFICIARIES))
    name = fields.String(required=True, validate=NAME)
    id_number = fields.String(validate=ID_NUMBER)
    birth_date = fields.Date()


class LegBody(Schema):
    """One programme asked for."""

    programme = fields.String(required=True, validate=CODE)
    beneficiary = fields.Nested(BeneficiaryBody)
    note = fields.String(validate=Length(max=500))


class GuardianBody(Schema):
    """Who consents in the person's place."""

    name = fields.String(required=True, validate=NAME)
    relation = fields.String(required=True, validate=CODE)
    phone = fields.String(validate=PHONE)


class PaperFormBody(Schema):
    """The signed form a consent was taken from."""

    number = fields.String(required=True, validate=CODE)
    date = fields.Date(required=True)


class ConsentBody(Schema):
    """A consent to pass data on to one agency."""

    agency = fields.String(required=True, validate=CODE)
    programmes = fields.List(fields.String(validate=CODE), required=True, validate=Length(min=1, max=40))
    data_kinds = fields.List(
        fields.String(validate=Choice(filing.DATA_KINDS)), required=True, validate=Length(min=1, max=20)
    )
    purpose = fields.String(required=True, validate=Choice(filing.PURPOSES))
    basis = fields.String(load_default="consent", validate=Choice(filing.BASES))
    reason = fields.String(
        validate=Length(min=1, max=500), metadata={"description": "required where `basis` is `emergency`"}
    )
    starts_on = fields.Date()
    expires_on = fields.Date(required=True)
    given_by = fields.String(required=True, validate=Choice(filing.GIVEN_BY))
    guardian = fields.Nested(GuardianBody)
    cosigned_by = fields.String(validate=NAME)
    witnessed_by = fields.String(validate=NAME)
    form = fields.Nested(PaperFormBody)
    how = fields.String(
        validate=Choice(filing.HOW_GIVEN),
        metadata={
            "description": "how it was given: signed (`paper`, with its `form`) or by word of mouth (`spoken`, with "
            "`witnessed_by`)"
        },
    )


class RefusedBody(Schema):
    """A person's no to passing data on to an agency, for some of its programmes, or for all where none is named."""

    agency = fields.String(required=True, validate=CODE)
    programmes = fields.List(fields.String(validate=CODE), load_default=list, validate=Length(max=40))


class ContactConsentBody(Schema):
    """A person's consent to be told of news themselves: in neutral words, by text message or mail."""

    channels = fields.List(
        fields.String(validate=Choice(CHANNELS)), required=True, validate=Length(min=1, max=len(CHANNELS))
    )
    expires_on = fields.Date(required=True)
    given_by = fields.String(required=True, validate=Choice(filing.GIVEN_BY))
    mail = fields.String(
        validate=Length(min=3, max=254),
        metadata={
            "description": "required where `channels` name `mail`; a text message goes to `person.phone`"
        },
    )
    language = fields.String(load_default="zh", validate=Choice(LANGUAGES))


HOW_MANY_LEGS = said(
    "请至少选择一个申请事项，最多30个。", "Ask for at least one kind of help, and at most 30."
)


class SubmitBody(Schema):
    """A request as filed."""

    person = fields.Nested(PersonBody, required=True)
    legs = fields.List(
        fields.Nested(LegBody), required=True, validate=Length(min=1, max=30, error=HOW_MANY_LEGS)
    )
    consents = fields.List(fields.Nested(ConsentBody), load_default=list, validate=Length(max=60))
    refusals = fields.List(
        fields.Nested(RefusedBody),
        load_default=list,
        validate=Length(max=30),
        metadata={"description": "what the person has said no to: it is not asked for again for a while"},
    )
    contact_consent = fields.Nested(ContactConsentBody)
    urgency = fields.String(load_default="normal", validate=Choice(filing.URGENCIES))
    answers = fields.Dict(
        keys=fields.String(validate=CODE),
        load_default=dict,
        validate=Length(max=200),
        metadata={"description": "by field id of the district"},
    )


class WithdrawBody(Schema):
    """Which legs to withdraw, all that are open if none is named, and why."""

    reason = fields.String(load_default="withdrawn-by-person", validate=Choice(REASONS))
    legs = fields.List(Id(), load_default=list, validate=Length(max=30))


class ListQuery(Schema):
    """Which requests to list."""

    status = fields.List(fields.String(validate=Choice(FILED)), load_default=list)
    q = fields.String(
        validate=Length(max=60),
        metadata={"description": "exact number, receipt code, name, ID number or phone"},
    )
    limit = fields.String()
    cursor = fields.String()


class LegBrief(Schema):
    """One leg, briefly."""

    id = fields.UUID()
    programme = fields.String()
    agency = fields.String()
    status = fields.String()


class Submitted(Schema):
    """A request that was accepted."""

    id = fields.UUID()
    number = fields.String()
    receipt_code = fields.String()
    status = fields.String()
    version = fields.Integer()
    legs = fields.List(fields.Nested(LegBrief))
    warnings = fields.List(fields.Nested(Hint))
    checklist = fields.List(fields.Nested(ChecklistLine))


class Withdrawal(Schema):
    """A withdrawal that was asked for; its outcome comes with time."""

    id = fields.UUID()
    number = fields.String()
    status = fields.String()
    version = fields.Integer()
    legs = fields.List(fields.Nested(LegBrief))


def to_submit(body: Mapping[str, Any]) -> SubmitRequest:
    """Make the command from a loaded ``SubmitBody``."""
    return SubmitRequest(
        person=_person(body["person"]),
        needs=tuple(need_from(leg) for leg in body["legs"]),
        consents=tuple(consent_from(consent) for consent in body["consents"]),
        urgency=body["urgency"],
        answers=body["answers"],
        refused=tuple(refused_from(refused) for refused in body["refusals"]),
        contact=contact_from(body["contact_consent"]) if "contact_consent" in body else None,
    )


def refused_from(body: Mapping[str, Any]) -> Refused:
    """Make a refusal from a loaded ``RefusedBody``."""
    return Refused(agency=body["agency"], programmes=tuple(body["programmes"]))


def contact_from(body: Mapping[str, Any]) -> ContactConsent:
    """Make a consent to be told from a loaded ``ContactConsentBody``."""
    return ContactConsent(**{**body, "channels": tuple(dict.fromkeys(body["channels"]))})


def _person(body: Mapping[str, Any]) -> Person:
    return Person(**{**body, "name": body["name"].strip(), **tidied(body)})


def need_from(body: Mapping[str, Any]) -> Need:
    """Make a need from a loaded ``LegBody``."""
    given = body.get("beneficiary")
    beneficiary = Beneficiary(**{**given, **tidied(given)}) if given else None
    return Need(
        programme=body["programme"], beneficiary=beneficiary, note=(body.get("note") or "").strip() or None
    )


def tidied(body: Mapping[str, Any]) -> dict[str, str]:
    """Give the ID number of a body as it is stored, if it names one."""
    return {"id_number": tidy_id_number(body["id_number"])} if "id_number" in body else {}


PARTICULARS = ("reason", "guardian", "cosigned_by", "witnessed_by", "form", "how")


def consent_from(body: Mapping[str, Any]) -> Consent:
    """Make a consent from a loaded ``ConsentBody``."""
    return Consent(
        agency=body["agency"],
        programmes=tuple(body["programmes"]),
        data_kinds=frozenset(body["data_kinds"]),
        purpose=body["purpose"],
        basis=body["basis"],
        starts_on=body.get("starts_on"),
        expires_on=body["expires_on"],
        given_by=body["given_by"],
        particulars={name: body[name] for name in PARTICULARS if name in body},
    )
