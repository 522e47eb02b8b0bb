"""Into whose hands a referral may be given: an officer of the same agency who serves it, by whoever may give it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.referrals.domain import assigning, wording
from services.referrals.domain.doing import filled
from services.referrals.domain.errors import BadFields, FieldFault, NotYours
from services.referrals.domain.referral import Referral
from shared.clock import local_date
from shared.directory import District, StaffMember
from shared.identity import Grant, Role

GIVING = frozenset({"assign", "reassign", "delegate"})
"""The side actions that put a referral into somebody's hands."""
PASSING_ON = frozenset({"reassign", "delegate"})
"""Those that take it out of somebody else's."""
OFFICERS = frozenset({Role.DESK, Role.LEADER})


def check_hands(
    district: District,
    referral: Referral,
    action: str,
    fields: Mapping[str, Any],
    grant: Grant,
    staff: str,
    at: datetime,
) -> None:
    """Check that a referral may be given to whom it is to be given; for every other action there is nothing to check.

    Raises ``NotYours`` for a colleague who neither has it in hand nor is the leader, and ``BadFields`` for somebody who
    is no officer of the agency.
    """
    if action not in GIVING:
        return
    if action in PASSING_ON and referral.assignee is not None and not _leads(grant, referral.agency):
        today = local_date(at, district.timezone)
        if not assigning.is_at_hand(referral, staff, today):
            raise NotYours(action, wording.NOT_IN_HAND)
    wanted = fields.get("assignee")
    if wanted:
        check_officer(district, referral, str(wanted), "assignee")


def check_officer(district: District, referral: Referral, staff: str, field: str) -> None:
    """Check that somebody is an officer who serves a referral; raises ``BadFields`` naming ``field``."""
    member = next((member for member in district.staff if member.id == staff), None)
    if member is None or not serves(member, referral):
        raise BadFields([FieldFault(field, filled(wording.NOT_AN_OFFICER, staff=staff))])


def is_officer(district: District, agency: str, staff: str) -> bool:
    """Tell whether somebody holds a post at an agency."""
    return any(
        member.id == staff and any(post.role in OFFICERS and post.agency == agency for post in member.posts)
        for member in district.staff
    )


def serves(member: StaffMember, referral: Referral) -> bool:
    """Tell whether somebody is an officer of a referral's agency: of all of it, or of the counter it belongs to."""
    return any(
        post.role in OFFICERS and post.agency == referral.agency and post.unit in {None, referral.desk_street}
        for post in member.posts
    )


def _leads(grant: Grant, agency: str) -> bool:
    return any(post.role == Role.LEADER and post.agency == agency for post in grant.posts)
