"""One's own account over HTTP: a new password, and the second factor."""

from __future__ import annotations

from marshmallow import fields

from shared.http.schema import Length, Schema

PASSWORD = Length(min=1, max=256)
CODE = Length(min=1, max=32)


class PostShown(Schema):
    """One post, as the token carries it."""

    role = fields.String()
    agency = fields.String(allow_none=True)
    unit = fields.String(allow_none=True)


class DelegationShown(Schema):
    """Who may act for whom."""

    id = fields.UUID()
    staff = fields.String(metadata={"description": "whose posts"})
    deputy = fields.String(metadata={"description": "who may act under them"})
    until = fields.Date(metadata={"description": "the last day"})


class AccountShown(Schema):
    """One's own account."""

    id = fields.String()
    name = fields.String()
    posts = fields.List(fields.Nested(PostShown))
    password = fields.Boolean(metadata={"description": "whether it has a password here"})
    second_factor = fields.Boolean(metadata={"description": "whether signing in asks for a one-time code"})
    acting_for = fields.String(allow_none=True, metadata={"description": "for whom one acts just now"})
    delegations = fields.List(fields.Nested(DelegationShown))


class DelegationBody(Schema):
    """A colleague of the same agency or street who may act for oneself, up to a day."""

    deputy = fields.String(required=True, validate=Length(min=1, max=64))
    until = fields.Date(required=True)


class ActingBody(Schema):
    """For whom to act; nobody named, under one's own posts again."""

    staff = fields.String(load_default=None, allow_none=True, validate=Length(max=64))


class TokenShown(Schema):
    """A bearer token."""

    access_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer()


class NewPassword(Schema):
    """Another password for one's own account."""

    old_password = fields.String(required=True, validate=PASSWORD)
    new_password = fields.String(required=True, validate=PASSWORD)
    code = fields.String(
        load_default="", validate=Length(max=32), metadata={"description": "with a second factor"}
    )


class FirstCode(Schema):
    """The first code of a new secret."""

    code = fields.String(required=True, validate=CODE)


class BothFactors(Schema):
    """Password and code once more, before the second factor changes."""

    password = fields.String(required=True, validate=PASSWORD)
    code = fields.String(required=True, validate=CODE)


class EnrolmentShown(Schema):
    """What an authenticator app needs; shown once."""

    secret = fields.String(metadata={"description": "base32, to be typed"})
    address = fields.String(metadata={"description": "`otpauth:` address, to be shown as a picture"})


class RecoveryCodes(Schema):
    """Codes to be kept on paper, each good for one sign-in; shown once."""

    recovery_codes = fields.List(fields.String())
