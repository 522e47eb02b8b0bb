"""The one policy table: action × role → scope. What is not written here is forbidden."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType

from shared.identity.principal import Forbidden, Grant, Post, Principal, Role
from shared.identity.scopes import actions_of


class Scope(Enum):
    """How far an allowed action reaches."""

    SELF = auto()
    """The principal's own account and the inboxes of their own posts."""
    OWN_UNIT = auto()
    """What was filed at the unit of the post."""
    OWN_STREET = auto()
    """What was filed at the street of the post or at one of its communities."""
    OWN_AGENCY = auto()
    """What was referred to the agency of the post; of a post at its counter in a street, what belongs to that."""
    EVERYTHING = auto()
    """All of the district."""


_HUT: Mapping[str, Scope] = {Role.HUT: Scope.OWN_UNIT}
_OWN_CASES: Mapping[str, Scope] = {**_HUT, Role.SPECIALIST: Scope.OWN_STREET}
_DESK: Mapping[str, Scope] = {Role.DESK: Scope.OWN_AGENCY}
_LEADER: Mapping[str, Scope] = {Role.LEADER: Scope.OWN_AGENCY}
_AGENCY: Mapping[str, Scope] = {**_DESK, **_LEADER}
# The agency's own system acts as its desk, as far as the scopes of its token go.
_CLIENT: Mapping[str, Scope] = {Role.CLIENT: Scope.OWN_AGENCY}
_DESK_OR_SYSTEM: Mapping[str, Scope] = {**_DESK, **_CLIENT}
_AGENCY_OR_SYSTEM: Mapping[str, Scope] = {**_AGENCY, **_CLIENT}
_COORDINATOR: Mapping[str, Scope] = {Role.COORDINATOR: Scope.EVERYTHING}
_INBOX: Mapping[str, Scope] = dict.fromkeys(
    (Role.HUT, Role.SPECIALIST, Role.DESK, Role.LEADER, Role.COORDINATOR), Scope.SELF
)
_STAFF: Mapping[str, Scope] = {
    **_INBOX,
    **dict.fromkeys((Role.GRID, Role.OPERATOR, Role.AUDITOR), Scope.SELF),
}

POLICY: Mapping[str, Mapping[str, Scope]] = MappingProxyType(
    {
        # Every member of staff: the page their role opens with, their own password and sessions.
        "home.see": _STAFF,
        "account.own": _STAFF,
        # Intake. Identity and words stay with the desk that took them down and the street that checks them.
        "requests.file": _HUT,
        "requests.read": _OWN_CASES,
        # Which programmes may fit somebody; nothing of it is stored.
        "screenings.run": _OWN_CASES,
        # The whole catalogue, with what only the desk may call by its name.
        "programmes.read": _OWN_CASES,
        # Of a request or one leg of it; agencies never cancel.
        "requests.withdraw": _HUT,
        "consents.print": _HUT,
        # Papers lie with the request or draft they were handed in with; the street reads them for its check.
        "papers.read": _OWN_CASES,
        "papers.open": _OWN_CASES,
        "papers.add": _HUT,
        "papers.remove": _HUT,
        "drafts.read": _HUT,
        "drafts.edit": _HUT,
        # A grid worker tells of somebody in the own grid and reads nothing of what becomes of it.
        "leads.report": {Role.GRID: Scope.OWN_UNIT},
        "tasks.give": _HUT,
        # The street checks what its communities' desks have filed.
        "requests.check": {Role.SPECIALIST: Scope.OWN_STREET},
        "requests.follow-up": _HUT,
        "requests.link-household": _HUT,
        "consents.withdraw": _HUT,
        "consents.refuse": _HUT,
        # A person's own wish to be told of news, or not to be told any more.
        "contact.record": _HUT,
        "contact.withdraw": _HUT,
        # What joins a request later, is put right in it, or is asked of a leg that is under way.
        "requests.add-legs": _HUT,
        "requests.correct": _HUT,
        "requests.ask": _HUT,
        # What a person may ask for as of right: a copy, who was given what, objection, erasure. Whoever is bound to
        # data protection decides about erasure and sees no content for it.
        "people.export": _HUT,
        "people.read-disclosures": _HUT,
        "people.object": _HUT,
        "people.ask-erasure": _HUT,
        "erasures.read": {Role.AUDITOR: Scope.EVERYTHING},
        "erasures.decide": {Role.AUDITOR: Scope.EVERYTHING},
        # Giving a case to another unit and joining two of one person is the street's.
        "requests.move": {Role.SPECIALIST: Scope.OWN_STREET},
        "requests.merge": {Role.SPECIALIST: Scope.OWN_STREET},
        # Lists of what there is to do; the grid worker's shows name and errand alone.
        "tasks.read": {**_OWN_CASES, Role.GRID: Scope.OWN_UNIT},
        "tasks.finish": {**_OWN_CASES, Role.GRID: Scope.OWN_UNIT},
        # Referrals. The coordinator sees status, clocks and counts of all, but no badge and no packet; a
        # search by name or number answers only where the packet could be opened anyway.
        "referrals.read": {**_AGENCY_OR_SYSTEM, **_OWN_CASES, **_COORDINATOR},
        "referrals.search": _AGENCY_OR_SYSTEM,
        "referrals.open-badge": _AGENCY_OR_SYSTEM,
        "referrals.open-packet": _AGENCY_OR_SYSTEM,
        "referrals.open-paper": _AGENCY_OR_SYSTEM,
        # The desk acts; the leader decides what needs a second signature, but does no desk work.
        "referrals.acknowledge": _DESK_OR_SYSTEM,
        "referrals.accept": _DESK_OR_SYSTEM,
        "referrals.request-documents": _DESK_OR_SYSTEM,
        "referrals.start": _DESK_OR_SYSTEM,
        "referrals.step": _DESK_OR_SYSTEM,
        "referrals.suspend": _DESK_OR_SYSTEM,
        "referrals.resume": _DESK_OR_SYSTEM,
        "referrals.extend": _AGENCY_OR_SYSTEM,
        "referrals.propose-return": _DESK_OR_SYSTEM,
        "referrals.propose-transfer": _DESK_OR_SYSTEM,
        "referrals.close": _DESK_OR_SYSTEM,
        "referrals.confirm-return": _COORDINATOR,
        "referrals.refuse-return": _COORDINATOR,
        "referrals.reopen": _COORDINATOR,
        # Side actions: within an agency, and what moves it on from outside.
        "referrals.claim": _DESK,
        "referrals.assign": _LEADER,
        "referrals.reassign": _AGENCY,
        "referrals.delegate": _AGENCY,
        "referrals.hand-over": _LEADER,
        "referrals.explain-delay": _AGENCY_OR_SYSTEM,
        "referrals.note": _AGENCY_OR_SYSTEM,
        "referrals.message": _AGENCY_OR_SYSTEM,
        "referrals.appointment": _DESK_OR_SYSTEM,
        "referrals.acknowledge-withdrawal": _AGENCY_OR_SYSTEM,
        "referrals.urge": _COORDINATOR,
        "referrals.supervise": _COORDINATOR,
        "referrals.record-on-behalf": _COORDINATOR,
        # The scan of an agency's answer on paper: its own, and whoever took it in has seen the paper.
        "referrals.add-slip": _COORDINATOR,
        "referrals.open-slip": {**_AGENCY, **_COORDINATOR},
        # What waits for the leader: whoever asked may take it back, only the leader may agree.
        "referrals.approve": _LEADER,
        "referrals.decline": _AGENCY_OR_SYSTEM,
        "referrals.open-pending": _AGENCY,
        # Places of programmes: whoever sends people there may know how many are left, their agency also who waits.
        "capacities.read": {**_AGENCY_OR_SYSTEM, **_OWN_CASES, **_COORDINATOR},
        "capacities.set": {Role.LEADER: Scope.OWN_AGENCY},
        # All legs of one request side by side: never for an agency, which must not learn of the others.
        "cases.read": {**_OWN_CASES, **_COORDINATOR},
        # Counts within one's own scope. A desk has its queue; its leader answers for the agency's figures.
        "statistics.read": {**_OWN_CASES, **_COORDINATOR, Role.LEADER: Scope.OWN_AGENCY},
        # Notifications: an inbox belongs to a post.
        "messages.read": _INBOX,
        "messages.mark": _INBOX,
        # What went into which inbox and when, without a word of it, to see that it arrives.
        "deliveries.read": {Role.OPERATOR: Scope.EVERYTHING},
        # The log tells who did what and holds no content.
        "audit.read": {Role.AUDITOR: Scope.EVERYTHING},
    }
)
"""``client`` may what its token's scopes cover besides; ``person`` may do nothing here yet."""

_READ_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "requests": ("requests.read", "cases.read"),
        "consents": ("requests.read", "cases.read"),
        "people": ("requests.read",),
        "erasures": ("erasures.read",),
        "drafts": ("drafts.read",),
        "papers": ("papers.read",),
        "referrals": ("referrals.read",),
        "cases": ("cases.read",),
        "tasks": ("tasks.read",),
        "messages": ("messages.read",),
    }
)
"""By the noun of an action: what shows that such an object exists at all."""

_NOWHERE: Mapping[str, Scope] = MappingProxyType({})


def allow(principal: Principal, action: str) -> Grant:
    """Find what the principal's posts let this action reach.

    A post that lacks the place its scope speaks of (a desk of no agency) gives nothing, nor does the post of an outside
    system whose token names no scopes. Where a token names some, they are all it is good for.

    Raises:
        Forbidden: when no post allows the action, or the table does not know it.
    """
    scopes = POLICY.get(action, _NOWHERE)
    covered = principal.scope is not None and action in actions_of(principal.scope)
    if principal.scope is not None and not covered:
        raise Forbidden(action)
    everything = False
    places: dict[Scope, set[str]] = {
        scope: set() for scope in (Scope.OWN_AGENCY, Scope.OWN_UNIT, Scope.OWN_STREET)
    }
    counters: set[tuple[str, str]] = set()
    granting: list[Post] = []
    for post in principal.posts:
        scope = scopes.get(post.role)
        if scope is None or (post.role == Role.CLIENT and not covered):
            continue
        if scope in places:
            place = post.agency if scope is Scope.OWN_AGENCY else post.unit
            if not place:
                continue
            if scope is Scope.OWN_AGENCY and post.unit:
                counters.add((place, post.unit))
            else:
                places[scope].add(place)
        everything = everything or scope is Scope.EVERYTHING
        granting.append(post)
    if not granting:
        raise Forbidden(action)
    return Grant(
        everything=everything,
        agencies=frozenset(places[Scope.OWN_AGENCY]),
        units=frozenset(places[Scope.OWN_UNIT]),
        streets=frozenset(places[Scope.OWN_STREET]),
        posts=tuple(granting),
        counters=frozenset(counters),
    )


def may_know(principal: Principal, action: str) -> bool:
    """Tell whether the principal may see objects of the kind an action is about.

    Whoever sees none of a kind is told 404 about each of them, not 403: to them it is a foreign one.
    """
    readers = _READ_BY.get(action.partition(".")[0])
    roles = {post.role for post in principal.posts}
    return readers is None or any(roles & POLICY[reader].keys() for reader in readers)
