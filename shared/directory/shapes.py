"""What each YAML file of a pack holds, listed key by key."""

from __future__ import annotations

from shared.directory.schemas import (
    FIELD_TYPES,
    OUTCOMES,
    ROLES,
    VERIFIED,
    Anything,
    Bool,
    ClockShape,
    Int,
    Labelled,
    LimitShape,
    ListOf,
    MapOf,
    Num,
    Shape,
    Str,
    Sub,
    Words,
    an_id,
    at_least,
    between,
    choice,
    code,
    letters,
    timezone,
    words,
)


class HealthServiceShape(Shape):
    """The one name under which all clinical legs go outside the hut."""

    agency = an_id(required=True)
    name = words()


class ClocksShape(Shape):
    """The district's own value for each clock of a leg."""

    acknowledge = Sub(ClockShape, required=True)
    accept = Sub(ClockShape, required=True)
    decide = Sub(ClockShape, required=True)


class LimitsShape(Shape):
    """Limits of the platform itself, in none of which a statute speaks."""

    assign = Sub(LimitShape, required=True)
    return_wrong_agency = Sub(LimitShape, required=True)
    first_contact = Sub(LimitShape, required=True)
    callback = Sub(LimitShape, required=True)
    bad_rating_fix = Sub(LimitShape, required=True)
    refusal_notice = Sub(LimitShape, required=True)
    supplement = Sub(LimitShape, required=True)
    return_decision = Sub(LimitShape, required=True)
    # Packs of an earlier release do not have it; how long a suspension may last without a look is set by no statute.
    suspension = Sub(LimitShape, load_default=lambda: {"unit": "calendar_day", "total": 90})


class EscalationShape(Shape):
    """One rung: at so many working days after the due day (negative: before), do this and tell these roles."""

    at = Int(required=True)
    do = ListOf(
        choice("light-yellow", "blue-notice", "yellow-notice", "red-notice", "circular"), required=True
    )
    copy_to = ListOf(choice("leader", "coordinator"), load_default=list)


class SupplementShape(Shape):
    """Papers asked for later: they lapse after reminders, never at once, and reopen as of right."""

    extensions = Int(required=True, validate=at_least(0))
    on_timeout = choice("lapsed-after-reminders", required=True)
    reopen = choice("as-of-right", required=True)


class ConsentShape(Shape):
    """Consent defaults (ages in years)."""

    months = Int(required=True, validate=at_least(1))
    reask_cooldown_days = Int(required=True, validate=at_least(0))
    guardian_under = Int(required=True, validate=at_least(0))
    cosign_under = Int(required=True, validate=at_least(0))


class RetentionShape(Shape):
    """How long things are kept."""

    provision_log_years = Int(required=True, validate=at_least(3))
    closed_case_years = Int(required=True, validate=at_least(1))
    draft_days = Int(required=True, validate=at_least(1))
    audit_log_years = Int(required=True, validate=at_least(1))


class ContactShape(Shape):
    """Between which hours of a day persons are told anything themselves, in the district's own time."""

    from_hour = Int(required=True, validate=between(0, 23))
    until_hour = Int(required=True, validate=between(1, 24))


class OptionsShape(Shape):
    """What a district chooses once for everything."""

    outcomes_for_all = ListOf(choice(*OUTCOMES), required=True)
    on_silence = choice("deemed-accepted", required=True)
    extension_needs = ListOf(choice("leader-approval", "reason", "notice-to-person"), required=True)
    supplement = Sub(SupplementShape, required=True)
    consent = Sub(ConsentShape, required=True)
    retention = Sub(RetentionShape, required=True)
    # Packs of an earlier release do not have it: from eight to eight.
    contact = Sub(ContactShape, load_default=lambda: {"from_hour": 8, "until_hour": 20})


class StandardShape(Shape):
    """An amount that the district publishes each year."""

    id = an_id(required=True)
    label = words()
    amount = Num(required=True, validate=at_least(0))
    unit = choice("yuan-per-month", "yuan-per-year", "ratio", required=True)
    verified = choice(*VERIFIED, required=True)


class DistrictShape(Shape):
    """``district.yaml``."""

    code = code(required=True)
    letters = letters()
    name = words()
    product_name = words()
    hut_title = words()
    handler = words()
    demo = Bool(required=True)
    timezone = timezone()
    specialist_check = Bool(required=True)
    health_service = Sub(HealthServiceShape, required=True)
    clocks = Sub(ClocksShape, required=True)
    limits = Sub(LimitsShape, required=True)
    escalation = ListOf(Sub(EscalationShape), required=True)
    options = Sub(OptionsShape, required=True)
    standards = ListOf(Sub(StandardShape), load_default=list)


class StreetDeskShape(Shape):
    """An agency's counter in one street."""

    street = code(required=True)
    name = words()


class AgencyShape(Shape):
    """One agency."""

    id = an_id(required=True)
    letters = letters()
    name = words()
    contact = words()
    keys = choice("platform", "own", required=True)
    public_jwk = MapOf(keys=Str(), values=Anything(), load_default=None, allow_none=True)
    system = Bool(load_default=False)
    desks = ListOf(Sub(StreetDeskShape), load_default=list)


class AgenciesShape(Shape):
    """``agencies.yaml``."""

    agencies = ListOf(Sub(AgencyShape), required=True)


class BoundsShape(Shape):
    """What a number or a date can be."""

    whole = Bool(load_default=False)
    least = Num(load_default=0.0)
    most = Num(load_default=1_000_000_000.0)
    until_today = Bool(load_default=False)


class FieldShape(Labelled):
    """One field."""

    kind = an_id(required=True)
    type = choice(*FIELD_TYPES, required=True)
    options = ListOf(Sub(Labelled), load_default=list)
    bounds = Sub(BoundsShape, load_default=None, allow_none=True)


class FieldsShape(Shape):
    """``fields.yaml``."""

    data_kinds = ListOf(Sub(Labelled), required=True)
    person = ListOf(Sub(FieldShape), required=True)
    derived = ListOf(Sub(FieldShape), load_default=list)
    answers = ListOf(Sub(FieldShape), required=True)
    screening = ListOf(an_id(), required=True)


class PostShape(Shape):
    """One post."""

    role = choice(*ROLES, required=True)
    agency = an_id(load_default=None)
    unit = code(load_default=None)
    duty = choice("data-protection", load_default=None)


class StaffShape(Shape):
    """One member of staff."""

    id = an_id(required=True)
    name = Str(required=True)
    posts = ListOf(Sub(PostShape), required=True)


class PostsShape(Shape):
    """``posts.yaml``; ``demo_password`` is that of all staff of a demo pack."""

    demo_password = Str(load_default=None)
    staff = ListOf(Sub(StaffShape), required=True)


class NoticesShape(Shape):
    """``texts/notices.yaml``."""

    texts = MapOf(keys=an_id(), values=Sub(Words), required=True)
