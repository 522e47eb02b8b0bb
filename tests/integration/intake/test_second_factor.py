"""A second factor: begun, confirmed, asked for at sign-in, never taken twice, taken away by its holder or by hand."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import OneTimeCodeNeeded, SessionOver, SignInFailed, SignInPaused
from services.intake.persistence.staff_tables import second_factors
from services.intake.use_cases import second_factor, sign_in
from services.intake.use_cases.context import Context
from services.intake.use_cases.own_account import own_account
from services.intake.use_cases.second_factor import WrongCode
from services.intake.use_cases.staff import change_password, reset_second_factor, set_password
from shared.directory import Post, StaffMember
from shared.identity import DeniedStaff, Principal, WeakPassword, one_time
from tests.builders import HUT_UNIT, Installation
from tests.integration.intake.test_accounts import sync
from tests.integration.intake.test_submit import events_of
from tests.one_time import code_at

PASSWORD, ANOTHER = "lantern-bridge-seven-plums", "an umbrella for eleven swans"
HUT = StaffMember("hut", "林秋禾", (Post("hut", unit=HUT_UNIT), Post("operator")), PASSWORD)

pytestmark = pytest.mark.usefixtures("cheap_hashes")


@pytest.fixture
def holder(installation: Installation, context: Context) -> Principal:
    """Somebody with an account, signed in."""
    sync(installation, context, HUT)
    return sign_in.sign_in(context, "hut", PASSWORD).principal


class Telephone:
    """Shows the codes of a secret, at the time of the installation."""

    def __init__(self, installation: Installation, secret: str) -> None:
        self._clock, self._secret = installation.clock, secret

    def code(self, *, steps: int = 0) -> str:
        """Give the code of now, or of so many steps from now."""
        return code_at(self._secret, self._clock.now() + timedelta(seconds=30 * steps))

    def next_code(self) -> str:
        """Wait for the next code."""
        self._clock.move_to(self._clock.now() + timedelta(seconds=30))
        return self.code()


@pytest.fixture
def telephone(installation: Installation, context: Context, holder: Principal) -> Telephone:
    """The telephone of somebody whose second factor was begun."""
    return Telephone(installation, second_factor.begin(context, holder).secret)


@pytest.fixture
def codes(context: Context, holder: Principal, telephone: Telephone) -> list[str]:
    """The recovery codes of a second factor that is in use."""
    return second_factor.confirm(context, holder, telephone.code())


def test_until_it_is_confirmed_nobody_is_asked_for_a_code(
    context: Context, holder: Principal, telephone: Telephone
) -> None:
    assert sign_in.sign_in(context, "hut", PASSWORD).token
    with pytest.raises(WrongCode):
        second_factor.confirm(context, holder, "000000" if telephone.code() != "000000" else "000001")
    second_factor.begin(context, holder)
    with pytest.raises(WrongCode):
        second_factor.confirm(context, holder, telephone.code())
    assert not own_account(context, holder).second_factor


@pytest.mark.usefixtures("codes")
def test_once_confirmed_the_password_alone_opens_nothing(context: Context, telephone: Telephone) -> None:
    with pytest.raises(OneTimeCodeNeeded):
        sign_in.sign_in(context, "hut", PASSWORD)
    assert sign_in.sign_in(context, "hut", PASSWORD, otp=telephone.next_code()).principal.staff == "hut"


@pytest.mark.usefixtures("codes")
def test_no_code_is_taken_twice_nor_one_from_before_it(context: Context, telephone: Telephone) -> None:
    with pytest.raises(SignInFailed):
        sign_in.sign_in(context, "hut", PASSWORD, otp=telephone.code())
    code = telephone.next_code()
    assert sign_in.sign_in(context, "hut", PASSWORD, otp=f" {code[:3]} {code[3:]}").token
    for used in (code, telephone.code(steps=-1)):
        with pytest.raises(SignInFailed):
            sign_in.sign_in(context, "hut", PASSWORD, otp=used)
    # A telephone that is half a minute fast shows the next one.
    assert sign_in.sign_in(context, "hut", PASSWORD, otp=telephone.code(steps=1)).token


@pytest.mark.usefixtures("codes")
def test_codes_are_not_guessed_by_whoever_knows_the_password(context: Context) -> None:
    for _ in range(5):
        with pytest.raises(SignInFailed):
            sign_in.sign_in(context, "hut", PASSWORD, otp="not one")
    with pytest.raises(SignInPaused):
        sign_in.sign_in(context, "hut", PASSWORD, otp="not one")


def test_a_recovery_code_takes_the_place_of_a_lost_telephone_once(context: Context, codes: list[str]) -> None:
    assert len(codes) == len(set(codes)) == one_time.RECOVERY_CODES
    assert sign_in.sign_in(context, "hut", PASSWORD, otp=codes[3].lower().replace("-", " ")).token
    with pytest.raises(SignInFailed):
        sign_in.sign_in(context, "hut", PASSWORD, otp=codes[3])
    assert sign_in.sign_in(context, "hut", PASSWORD, otp=codes[4]).token


def test_new_recovery_codes_end_the_old_ones(
    context: Context, holder: Principal, telephone: Telephone, codes: list[str]
) -> None:
    (fresh, *_) = second_factor.renew_codes(context, holder, PASSWORD, telephone.next_code())
    with pytest.raises(SignInFailed):
        sign_in.sign_in(context, "hut", PASSWORD, otp=codes[0])
    assert sign_in.sign_in(context, "hut", PASSWORD, otp=fresh).token


def test_neither_secret_nor_codes_can_be_read_in_the_database(
    context: Context, telephone: Telephone, codes: list[str]
) -> None:
    with context.database.read() as connection:
        row = connection.execute(sa.select(second_factors)).one()
    kept = row.secret + row.recovery
    secret = telephone._secret
    for word in (secret, codes[0], one_time.recovery_hash(codes[0])):
        assert word.encode() not in kept
    assert base64.b32decode(secret + "=" * (-len(secret) % 8)) not in kept


@pytest.mark.usefixtures("codes")
def test_it_is_taken_away_by_whoever_has_both_factors(
    context: Context, holder: Principal, telephone: Telephone
) -> None:
    with pytest.raises(Breach, match="second factor"):
        second_factor.begin(context, holder)
    for password, code in (("wrong", telephone.next_code()), (PASSWORD, "000 000 1")):
        with pytest.raises(WrongCode):
            second_factor.remove(context, holder, password, code)
    second_factor.remove(context, holder, PASSWORD, telephone.code())
    assert sign_in.sign_in(context, "hut", PASSWORD).token
    with pytest.raises(Breach):
        second_factor.remove(context, holder, PASSWORD, telephone.next_code())


@pytest.mark.usefixtures("codes")
def test_reset_by_hand_it_is_gone_and_the_sessions_with_it(context: Context, telephone: Telephone) -> None:
    token = sign_in.sign_in(context, "hut", PASSWORD, otp=telephone.next_code()).token
    assert reset_second_factor(context, "hut", reason="telephone lost")
    assert not reset_second_factor(context, "hut")
    with pytest.raises(SessionOver):
        sign_in.renew(context, token)
    assert sign_in.sign_in(context, "hut", PASSWORD).token


def test_another_password_ends_the_other_sessions_everywhere(
    installation: Installation, context: Context, holder: Principal
) -> None:
    elsewhere = sign_in.sign_in(context, "hut", PASSWORD)
    mine = context.keyring.tokens.sign(holder, installation.clock.now())
    installation.clock.move_to(installation.clock.now() + timedelta(seconds=1))
    with pytest.raises(WrongCode):
        change_password(context, holder, "wrong", ANOTHER)
    with pytest.raises(WeakPassword):
        change_password(context, holder, PASSWORD, "hut-hut-hut-hut-hut")
    change_password(context, holder, PASSWORD, ANOTHER)
    with pytest.raises(SessionOver):
        sign_in.renew(context, elsewhere.token)
    assert sign_in.renew(context, mine).principal.staff == "hut"
    assert [event.type for event in events_of(context)] == ["staff.changed.v1"]
    old = context.keyring.tokens.verify(elsewhere.token, installation.clock.now())
    assert DeniedStaff(context.database).is_denied(old, installation.clock.now())
    assert sign_in.sign_in(context, "hut", ANOTHER).token


def test_a_password_set_by_hand_ends_a_pause(context: Context, holder: Principal) -> None:
    for _ in range(5):
        with pytest.raises(SignInFailed):
            sign_in.sign_in(context, holder.staff, "wrong")
    set_password(context, holder.staff, ANOTHER)
    assert sign_in.sign_in(context, holder.staff, ANOTHER).token
