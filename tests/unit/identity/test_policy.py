"""The policy table: what is not written in it is forbidden, and nobody sees beyond their own place."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import POLICY, Forbidden, Post, Principal, Role, Scope, allow, outward_role
from shared.identity.scopes import GRANTABLE, actions_of

ACTIONS = sorted(POLICY)
ROLES = [str(role) for role in Role]
AGENCY, UNIT = "health", "530103004007"


def holder(*posts: Post) -> Principal:
    system = any(post.role == "client" for post in posts)
    return Principal("s-1", "session", posts, scope=" ".join(GRANTABLE) if system else None)


def full(role: str) -> Post:
    return Post(role, AGENCY, UNIT)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_role_may_do_exactly_what_the_table_says(action: str, role: str) -> None:
    if role in POLICY[action]:
        assert allow(holder(full(role)), action).post == full(role)
    else:
        with pytest.raises(Forbidden) as refused:
            allow(holder(full(role)), action)
        assert refused.value.action == action


@given(action=st.text(max_size=40), role=st.text(max_size=20))
def test_an_unknown_action_or_role_is_forbidden(action: str, role: str) -> None:
    if role in POLICY.get(action, {}):
        return
    with pytest.raises(Forbidden):
        allow(holder(full(role)), action)


@pytest.mark.parametrize("action", ACTIONS)
def test_who_holds_no_post_may_do_nothing(action: str) -> None:
    with pytest.raises(Forbidden):
        allow(holder(), action)


EXPECTED = {
    "requests.file": {"hut"},
    "requests.read": {"hut", "specialist"},
    "requests.withdraw": {"hut"},
    "consents.print": {"hut"},
    "papers.open": {"hut", "specialist"},
    "papers.add": {"hut"},
    "referrals.open-paper": {"desk", "leader", "client"},
    "referrals.open-packet": {"desk", "leader", "client"},
    "referrals.open-badge": {"desk", "leader", "client"},
    "referrals.search": {"desk", "leader", "client"},
    "referrals.acknowledge": {"desk", "client"},
    "referrals.close": {"desk", "client"},
    "cases.read": {"hut", "specialist", "coordinator"},
    "audit.read": {"auditor"},
}


@pytest.mark.parametrize("action", EXPECTED)
def test_the_roles_of_the_delicate_actions_are_these(action: str) -> None:
    assert set(POLICY[action]) == EXPECTED[action]


def test_agencies_never_see_the_other_legs_of_a_person() -> None:
    for role in ("desk", "leader", "client"):
        with pytest.raises(Forbidden):
            allow(holder(full(role)), "cases.read")


def test_figures_are_for_those_who_answer_for_their_scope_and_for_no_desk() -> None:
    assert POLICY["statistics.read"] == {
        "hut": Scope.OWN_UNIT,
        "specialist": Scope.OWN_STREET,
        "coordinator": Scope.EVERYTHING,
        "leader": Scope.OWN_AGENCY,
    }
    for desk in (Post("desk", agency="health"), Post("desk", agency="health", unit="530103004")):
        with pytest.raises(Forbidden):
            allow(holder(desk), "statistics.read")


def test_operator_and_auditor_see_no_case() -> None:
    for role in ("operator", "auditor"):
        allowed = {action for action in ACTIONS if role in POLICY[action]}
        assert allowed <= {"home.see", "account.own", "audit.read", "deliveries.read"} | {
            # Whether somebody's data go is decided by the data-protection post, which sees codes and days of it.
            "erasures.read",
            "erasures.decide",
        }


def test_persons_may_do_nothing_here_yet() -> None:
    assert not any("person" in roles for roles in POLICY.values())


def test_an_outside_system_may_nothing_that_its_agencys_desk_may_not() -> None:
    given = {action: roles["client"] for action, roles in POLICY.items() if "client" in roles}
    assert given.keys() == GRANTABLE
    assert all(scope is Scope.OWN_AGENCY and "desk" in POLICY[action] for action, scope in given.items())


def test_an_outside_system_may_what_its_scopes_cover_and_no_more() -> None:
    post = Post("client", agency=AGENCY)
    for scope in ("queue", "decisions referrals.note", "nonsense", ""):
        system = Principal("back-office@health", "session", (post,), scope=scope)
        allowed = set()
        for action in ACTIONS:
            with contextlib.suppress(Forbidden):
                assert allow(system, action).agencies == {AGENCY}
                allowed.add(action)
        assert allowed == actions_of(scope)
    with pytest.raises(Forbidden):
        allow(Principal("back-office@health", "session", (post,)), "referrals.read")


def test_scopes_narrow_what_a_member_of_staff_may_too() -> None:
    desk = Principal("s-1", "session", (Post("desk", agency=AGENCY),), scope="referrals.read")
    assert allow(desk, "referrals.read").agencies == {AGENCY}
    with pytest.raises(Forbidden):
        allow(desk, "referrals.close")


def test_only_these_see_all_of_the_district() -> None:
    everything = {
        (str(role), action)
        for action, roles in POLICY.items()
        for role, scope in roles.items()
        if scope is Scope.EVERYTHING
    }

    assert everything == {
        ("coordinator", "referrals.read"),
        ("coordinator", "referrals.urge"),
        ("coordinator", "referrals.supervise"),
        ("coordinator", "referrals.confirm-return"),
        ("coordinator", "referrals.refuse-return"),
        ("coordinator", "referrals.reopen"),
        ("coordinator", "referrals.record-on-behalf"),
        ("coordinator", "referrals.add-slip"),
        ("coordinator", "referrals.open-slip"),
        ("coordinator", "cases.read"),
        ("coordinator", "capacities.read"),
        ("coordinator", "statistics.read"),
        ("operator", "deliveries.read"),
        ("auditor", "audit.read"),
        ("auditor", "erasures.read"),
        ("auditor", "erasures.decide"),
    }


def test_a_desk_reaches_its_own_agency() -> None:
    grant = allow(holder(Post("desk", agency="health")), "referrals.read")

    assert grant.reaches(agency="health")
    assert not grant.reaches(agency="employment", unit=UNIT, street="530103004")
    assert not grant.everything


def test_a_desk_without_an_agency_reaches_nothing() -> None:
    with pytest.raises(Forbidden):
        allow(holder(Post("desk", unit=UNIT)), "referrals.read")


def test_a_unit_and_a_street_are_different_things() -> None:
    hut = allow(holder(Post("hut", unit="530103004")), "cases.read")
    specialist = allow(holder(Post("specialist", unit="530103004")), "cases.read")

    assert (hut.reaches(unit="530103004"), hut.reaches(street="530103004")) == (True, False)
    assert (specialist.reaches(street="530103004"), specialist.reaches(unit="530103004")) == (True, False)


def test_unknown_places_of_an_object_are_not_reached() -> None:
    grant = allow(holder(Post("coordinator")), "home.see")

    assert not grant.reaches()
    assert not grant.reaches(agency=None, unit=None, street=None)


def test_posts_add_up() -> None:
    posts = (Post("hut", unit="1"), Post("desk", agency="health"), Post("leader", agency="housing"))

    grant = allow(holder(*posts), "referrals.read")

    assert grant.agencies == frozenset({"health", "housing"})
    assert (grant.units, grant.streets) == (frozenset({"1"}), frozenset())
    assert grant.posts == posts


def test_a_post_that_gives_nothing_is_not_the_post_that_acted() -> None:
    posts = (Post("auditor"), Post("desk", agency="health"))

    assert allow(holder(*posts), "referrals.accept").post == posts[1]


def test_an_inbox_is_that_of_the_posts() -> None:
    posts = (Post("desk", agency="health"), Post("operator"), Post("hut", unit="1"))

    grant = allow(holder(*posts), "messages.read")

    assert grant.posts == (posts[0], posts[2])
    assert not any((grant.everything, grant.agencies, grant.units, grant.streets))


def test_how_posts_are_written() -> None:
    assert str(Post("desk", agency="health")) == "desk@health"
    assert str(Post("hut", unit=UNIT)) == f"hut@{UNIT}"
    assert str(Post("operator")) == "operator"


def test_outward_the_role_of_the_filing_desk_is_neutral() -> None:
    assert outward_role("hut") == "intake-desk"
    assert outward_role("desk") == "desk"


def test_a_principal_does_not_show_its_session() -> None:
    assert "session-secret" not in repr(Principal("s-1", "session-secret", ()))
