"""A person's consent to be told of news themselves: written down, given anew, taken back; notifications hears of it.

It is a consent of its own (design §7): no consent to pass data on contains it, and none depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.intake.domain import contact
from services.intake.domain.ages import youngest
from services.intake.domain.breaches import Breach
from services.intake.domain.errors import InvalidFiling
from services.intake.domain.events import Stamp
from services.intake.domain.filing import ContactConsent, Person
from services.intake.persistence import contact as store
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Change, Deed, changing
from shared import ids
from shared.db import Once, UnitOfWork
from shared.events import Event
from shared.identity import Principal
from shared.sealing.packets import INTAKE, NOTIFICATIONS

RECORDED, WITHDRAWN = "contact.consent-recorded", "contact.consent-withdrawn"


def row_of(
    context: Context, request: str, consent: ContactConsent, *, staff: str, now: datetime
) -> dict[str, Any]:
    """Give the row of a first consent; the mail address, which is used for nothing else, is encrypted."""
    row = ids.at(now)
    return {"id": row, "request_id": request, "event_sequence": 1} | _values(
        context, row, consent, staff=staff, now=now
    )


def told(
    context: Context, row: Mapping[str, Any], consent: ContactConsent, person: Person, now: datetime
) -> Event:
    """Give the event that hands a contact packet to notifications, its ``rev`` being the event's sequence."""
    channels = contact.reachable(consent, person)
    packet = context.keyring.seal(
        NOTIFICATIONS,
        INTAKE,
        row["id"],
        contact.KIND,
        contact.body_of(consent, person, channels),
        rev=row["event_sequence"],
        now=now,
    )
    stamp = _stamp(context, row, now)
    return contact.given(stamp, row["id"], channels=channels, expires_on=consent.expires_on, packet=packet)


def record_contact(
    context: Context, principal: Principal, request: str, consent: ContactConsent, *, once: Once | None = None
) -> dict[str, Any]:
    """Write down that the person of a request wishes to be told; it takes the place of what was said before.

    Gives ``{id, request, channels, expires_on, given_by, language, recorded_at, withdrawn_at}``, no address.

    Raises:
        Forbidden: no post of the principal allows it.
        NotThere: there is no such request within reach.
        InvalidFiling: naming every field that cannot be accepted.
        Breach: the request's content was removed, or its person is to be erased.
    """
    # Whatever the status: being told is the person's to say at any time.
    change = Change(request=request, action="contact.record", step=None)
    with changing(context, principal, change, once=once) as deed:
        case, district = deed.case, deed.district
        faults = list(
            contact.faults_of(
                consent,
                case.person,
                age=youngest(case.person, deed.today),
                rules=district.options["consent"],
                today=deed.today,
                beside=[held.consent for held in case.consents],
                path="",
            )
        )
        if faults:
            raise InvalidFiling(faults)
        connection = deed.uow.connection
        before = store.of(connection, case.id)
        if before is None:
            row = row_of(context, case.id, consent, staff=deed.by.staff, now=deed.at)
            store.add(connection, row)
        else:
            changed = {"event_sequence": before["event_sequence"] + 1} | _values(
                context, before["id"], consent, staff=deed.by.staff, now=deed.at
            )
            store.change(connection, before["id"], **changed)
            row = {**before, **changed}
        deed.tell(told(context, row, consent, case.person, deed.at))
        codes = {"channels": list(consent.channels), "given_by": consent.given_by, "consent": row["id"]}
        deed.note("contact-consent-recorded", detail=codes | {"expires_on": consent.expires_on.isoformat()})
        deed.audit(RECORDED, **codes)
        deed.uow.result = shown(row)
    answer: dict[str, Any] = deed.uow.result
    return answer


def withdraw_contact(
    context: Context, principal: Principal, request: str, *, once: Once | None = None
) -> dict[str, Any]:
    """Take the consent to be told back: notifications deletes what it holds. Gives what ``record_contact`` gives.

    Raises:
        Forbidden: no post of the principal allows it.
        NotThere: there is no such request within reach.
        Breach: there is none, it was withdrawn already, the request's content was removed, or its person is to be
            erased.
    """
    change = Change(request=request, action="contact.withdraw", step=None)
    with changing(context, principal, change, once=once) as deed:
        row = end(context, deed.uow, deed.case.id, contact.WITHDRAWN, at=deed.at, by=deed.by.staff)
        if row is None:
            raise Breach("contact-consent-ended")
        deed.note("contact-consent-withdrawn", detail={"consent": row["id"]})
        deed.audit(WITHDRAWN, consent=row["id"])
        deed.uow.result = shown(row)
    answer: dict[str, Any] = deed.uow.result
    return answer


def renew(deed: Deed, person: Person) -> None:
    """Hand notifications the corrected address of a person, or have it drop one by which nobody is reached any more."""
    connection = deed.uow.connection
    row = store.of(connection, deed.case.id)
    if row is None or row["withdrawn_at"] is not None or row["expires_on"] < deed.today:
        return
    consent = _stored(deed.context, row)
    if not contact.reachable(consent, person):
        end(deed.context, deed.uow, deed.case.id, contact.NO_ADDRESS, at=deed.at, by=deed.by.staff)
        return
    row = {**row, "event_sequence": row["event_sequence"] + 1}
    store.change(connection, row["id"], event_sequence=row["event_sequence"])
    deed.tell(told(deed.context, row, consent, person, deed.at))


def end(
    context: Context, uow: UnitOfWork, request: str, reason: str, *, at: datetime, by: str
) -> dict[str, Any] | None:
    """End the consent of a held request and tell so; gives its row as it is then, None where none stood.

    That somebody is erased is told of an ended one, too: what they were sent goes then.
    """
    row = store.of(uow.connection, request)
    if row is None or (row["withdrawn_at"] is not None and reason != contact.ERASED):
        return None
    changed = {
        "event_sequence": row["event_sequence"] + 1,
        "withdrawn_at": row["withdrawn_at"] or at,
        "withdrawn_by": row["withdrawn_by"] or by,
        "mail": None,
    }
    store.change(uow.connection, row["id"], **changed)
    after = {**row, **changed}
    uow.record(contact.ended(_stamp(context, after, at), row["id"], reason))
    return after


def of_request(connection: Connection, request: str) -> dict[str, Any] | None:
    """Show a request's consent to be told, without an address; None where there never was one."""
    row = store.of(connection, request)
    return None if row is None else shown(row)


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Show a consent to be told: its codes and days; the address is the person's to say."""
    names = ("id", "channels", "language", "expires_on", "given_by", "recorded_at", "withdrawn_at")
    return {name: row[name] for name in names}


def _values(
    context: Context, row: str, consent: ContactConsent, *, staff: str, now: datetime
) -> dict[str, Any]:
    return {
        "channels": list(consent.channels),
        "mail": context.keyring.fields.encrypt("contact_consents", "mail", row, consent.mail),
        "language": consent.language,
        "expires_on": consent.expires_on,
        "given_by": consent.given_by,
        "recorded_at": now,
        "recorded_by": staff,
        "withdrawn_at": None,
        "withdrawn_by": None,
    }


def _stored(context: Context, row: Mapping[str, Any]) -> ContactConsent:
    return ContactConsent(
        channels=tuple(row["channels"]),
        expires_on=row["expires_on"],
        given_by=row["given_by"],
        mail=context.keyring.fields.decrypt("contact_consents", "mail", row["id"], row["mail"]),
        language=row["language"],
    )


def _stamp(context: Context, row: Mapping[str, Any], now: datetime) -> Stamp:
    return Stamp(
        id=ids.new(),
        source=context.source,
        request=row["request_id"],
        time=now,
        sequence=row["event_sequence"],
    )
