"""Acting for a colleague: within one house, up to a day, under one's own name, and over within a minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.intake.bootstrap import web
from services.intake.domain import delegating as delegation_rules
from services.intake.domain.errors import InvalidFiling, NotThere
from services.intake.use_cases import delegating, sign_in
from services.intake.use_cases.context import Context
from services.intake.use_cases.sign_in import SignedIn
from services.intake.use_cases.staff import disable_staff
from shared.directory import Post, StaffMember
from shared.identity import DeniedStaff, Forbidden, csrf
from tests.builders import HUT_UNIT, Installation, an_installation
from tests.conftest import MakeDatabase
from tests.integration.intake.test_accounts import PASSWORD, logged, sync
from tests.integration.intake.test_pages import ORIGIN, get, post, text_of

pytestmark = pytest.mark.usefixtures("cheap_hashes")
FRIDAY = date(2026, 11, 27)
LEADER = StaffMember("leader", "杜若谷", (Post("leader", agency="health"), Post("coordinator")), PASSWORD)
DESK = StaffMember("desk", "白映川", (Post("desk", agency="health"),), PASSWORD)
OTHERS = StaffMember("others", "陶知远", (Post("desk", agency="civil-affairs"),), PASSWORD)
HUT = StaffMember("hut", "林秋禾", (Post("hut", unit=HUT_UNIT),), PASSWORD)
STREET = StaffMember("street", "和云舒", (Post("specialist", unit=HUT_UNIT[:9]),), PASSWORD)


@pytest.fixture
def installation(sqlite_database: MakeDatabase) -> Installation:
    """Three databases with keys and the district applied."""
    return an_installation(sqlite_database)


@pytest.fixture
def accounts(installation: Installation, context: Context) -> Context:
    """Accounts at two agencies and in a street."""
    sync(installation, context, LEADER, DESK, OTHERS, HUT, STREET)
    return context


def entered(context: Context, name: str) -> SignedIn:
    return sign_in.sign_in(context, name, PASSWORD)


def test_a_deputy_holds_the_posts_of_the_other_under_their_own_name(
    installation: Installation, accounts: Context
) -> None:
    delegating.delegate_own(accounts, entered(accounts, "leader").principal, "desk", FRIDAY)
    acting = delegating.act_for(accounts, entered(accounts, "desk").principal, "leader")
    for service in ("intake", "referrals", "notifications"):
        told = installation.keyring(service).tokens.verify(acting.token, installation.clock.now())
        # Who supervises or runs the platform is not stood in for.
        assert (told.staff, told.acting_for, list(map(str, told.posts))) == (
            "desk",
            "leader",
            ["leader@health"],
        )
    renewed = sign_in.renew(accounts, acting.token).principal
    assert (renewed.acting_for, renewed.holds("leader")) == ("leader", True)
    back = delegating.act_for(accounts, renewed, None).principal
    assert (back.acting_for, list(map(str, back.posts))) == (None, ["desk@health"])
    done = [line for line in logged(accounts) if line[1] == "leader"]
    assert [action for action, _ in done if action != "account.signed-in"] == [
        "account.delegated",
        "account.acting-begun",
        "account.acting-ended",
    ]


@pytest.mark.parametrize(
    ("deputy", "until", "wrong"),
    [
        ("others", FRIDAY, ["deputy"]),
        ("nobody", FRIDAY, ["deputy"]),
        ("leader", FRIDAY, ["deputy"]),
        ("desk", date(2026, 11, 20), ["until"]),
        ("others", date(2028, 1, 1), ["deputy", "until"]),
    ],
)
def test_what_cannot_be_delegated_is_refused_by_field(
    accounts: Context, deputy: str, until: date, wrong: list[str]
) -> None:
    with pytest.raises(InvalidFiling) as refused:
        delegating.delegate_own(accounts, entered(accounts, "leader").principal, deputy, until)
    assert [fault.field for fault in refused.value.faults] == wrong
    with pytest.raises(NotThere):
        delegating.act_for(accounts, entered(accounts, "desk").principal, "leader")


def test_who_names_oneself_as_deputy_is_told_so(accounts: Context) -> None:
    with pytest.raises(InvalidFiling) as refused:
        delegating.delegate(accounts, "leader", "leader", FRIDAY, actor="operator")
    assert [(fault.field, fault.message) for fault in refused.value.faults] == [
        ("deputy", delegation_rules.ONESELF)
    ]


def test_within_a_street_the_specialist_can_act_for_a_desk_and_pass_nothing_on(accounts: Context) -> None:
    delegating.delegate(accounts, "hut", "street", FRIDAY, actor="operator")
    acting = delegating.act_for(accounts, entered(accounts, "street").principal, "hut").principal
    with pytest.raises(Forbidden):
        delegating.delegate_own(accounts, acting, "desk", FRIDAY)


@pytest.mark.parametrize("ending", ["day", "back", "disabled"])
def test_it_is_over_with_its_day_when_it_is_taken_back_or_when_the_other_is_disabled(
    installation: Installation, accounts: Context, ending: str
) -> None:
    leader = entered(accounts, "leader").principal
    given = delegating.delegate_own(accounts, leader, "desk", FRIDAY)
    desk = entered(accounts, "desk").principal
    acting = delegating.act_for(accounts, desk, "leader")
    installation.clock.move_to(installation.clock.now() + timedelta(seconds=1))
    if ending == "day":
        delegating.end_delegation(accounts, desk, given.id)
        delegating.delegate_own(accounts, leader, "desk", date(2026, 11, 23))
        installation.clock.move_to(
            datetime(2026, 11, 23, 15, 50, tzinfo=UTC)
        )  # ten minutes to midnight there
        desk = entered(accounts, "desk").principal
        acting = delegating.act_for(accounts, desk, "leader")
        installation.clock.move_to(datetime(2026, 11, 23, 16, 10, tzinfo=UTC))
    elif ending == "back":
        delegating.end_delegation(accounts, leader, given.id)
        with pytest.raises(NotThere):
            delegating.end_delegation(accounts, leader, given.id)
    else:
        disable_staff(accounts, "leader")
    now = installation.clock.now()
    if ending != "day":
        held = accounts.keyring.tokens.verify(acting.token, now)
        assert DeniedStaff(accounts.database).is_denied(held, now)
        installation.clock.move_to(now + timedelta(seconds=1))
    own = sign_in.renew(accounts, acting.token).principal
    assert (own.acting_for, list(map(str, own.posts))) == (None, ["desk@health"])
    with pytest.raises(NotThere):
        delegating.act_for(accounts, desk, "leader")


def test_a_token_of_no_session_is_told_what_it_lacks(accounts: Context) -> None:
    delegating.delegate_own(accounts, entered(accounts, "leader").principal, "desk", FRIDAY)
    desk = replace(entered(accounts, "desk").principal, session="of-nobody-who-signed-in")
    token = accounts.keyring.tokens.sign(desk, accounts.clock.now())
    answer = (
        web(accounts, public_url=ORIGIN)
        .test_client()
        .post(
            "/intake/api/v1/account/act-for",
            json={"staff": "leader"},
            headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
        )
    )
    told = answer.get_json()
    assert (answer.status_code, told["type"]) == (409, "urn:aid:problem:no-session")
    assert "POST /auth/token" in told["detail"]


def test_by_page_one_is_let_act_and_acts(installation: Installation, accounts: Context) -> None:
    client = web(accounts, public_url=ORIGIN).test_client()

    def browse(name: str, path: str, **form: str) -> str:
        signed_in = entered(accounts, name)
        client.set_cookie("sid", signed_in.token, domain="127.0.0.1")
        form["csrf_token"] = csrf(signed_in.principal.session)
        answer = post(client, f"/auth/account{path}", form)
        assert answer.status_code == 303, text_of(answer)
        return answer.headers["Location"]

    assert browse("leader", "/delegations", deputy="desk", until=FRIDAY.isoformat()) == "/auth/account"
    assert "desk may act for you until 2026-11-27" in text_of(get(client, "/auth/account"))
    assert browse("desk", "/act-for", staff="leader") == "/"
    assert "You act for leader just now" in text_of(get(client, "/auth/account"))
    assert "Leader · for leader" in " ".join(text_of(get(client, "/auth/account")).split())
    assert get(client, "/").headers["Location"] == "/referrals/queue"
