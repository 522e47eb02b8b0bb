"""What this service reads of the events it takes; everything else in them is left out."""

from __future__ import annotations

from marshmallow import fields

from services.notifications.domain.messages import COPIED, WHOSE
from shared.channels.settings import MAIL, SMS
from shared.http.schema import Choice, Length, MessageSchema


class Leg(MessageSchema):
    """The part of every fact about a leg that a message is made from."""

    number = fields.String(required=True, validate=Length(min=1, max=64))
    programme = fields.String(required=True, validate=Length(min=1, max=64))
    unit = fields.String(required=True, validate=Length(min=1, max=32))
    status = fields.String(validate=Length(max=64))
    street = fields.String(validate=Length(max=32))
    outcome = fields.String(validate=Length(max=64))
    due_on = fields.Date(allow_none=True)
    to = fields.String(validate=Length(max=64))
    desk_street = fields.String(allow_none=True, validate=Length(max=32))
    level = fields.String(validate=Length(max=64))
    about = fields.String(validate=Length(max=64))
    # Whom the district's escalation table names: a name nobody here knows is a letter for the operator, not silence.
    copy_to = fields.List(fields.String(validate=Choice(COPIED)))
    circular = fields.Boolean()
    whose = fields.String(validate=Choice(WHOSE))
    # Codes that decide who is told, and as what; most facts have none of them.
    cause = fields.String(allow_none=True, validate=Length(max=64))
    reason = fields.String(allow_none=True, validate=Length(max=64))
    by_post = fields.String(allow_none=True, validate=Length(max=64))
    assignee = fields.String(allow_none=True, validate=Length(max=64))
    holder = fields.String(allow_none=True, validate=Length(max=64))


LEG = Leg()


class Moved(Leg):
    """A leg that belongs to another help desk now; ``from_unit`` is whose it was."""

    from_unit = fields.String(required=True, validate=Length(min=1, max=32))


MOVED = Moved()


class Erased(MessageSchema):
    """A leg whose person was erased: the envelope's subject tells all."""


ERASED = Erased()


class StaffFact(MessageSchema):
    """An account's end or change: the envelope's subject and time already tell all."""


STAFF_FACT = StaffFact()


class ContactGiven(MessageSchema):
    """Where somebody may be told of news: the address is sealed, and the envelope's correlation is the request."""

    channels = fields.List(
        fields.String(validate=Choice((SMS, MAIL))), required=True, validate=Length(min=1, max=2)
    )
    expires_on = fields.Date(required=True)
    packet = fields.String(required=True, validate=Length(min=1, max=65_536))


CONTACT_GIVEN = ContactGiven()


class ContactEnded(MessageSchema):
    """Somebody is to be told nothing more."""

    reason = fields.String(required=True, validate=Length(min=1, max=64))


CONTACT_ENDED = ContactEnded()
