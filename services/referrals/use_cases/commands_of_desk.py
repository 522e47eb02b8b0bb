"""Each command of the help desk, by its verb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from services.referrals.domain.capacity import NoPlaceLeft
from services.referrals.domain.errors import IllegalTransition
from services.referrals.domain.keeping import CONSENT_WITHDRAWN
from services.referrals.domain.side_actions import SIDE_ACTIONS
from services.referrals.domain.status import ENDED, HANDED_ON, Status
from services.referrals.domain.transitions import possible_actions
from services.referrals.domain.waiting import has_withdrawn, waits
from services.referrals.persistence import packets, referrals
from services.referrals.use_cases.commands import CannotCarryOut, Carrying, Handler
from services.referrals.use_cases.on_behalf import record_on_behalf
from services.referrals.use_cases.succeed import let_go_after_answer
from shared.clock import local_date
from shared.directory.unpublished import is_published, unpublished

ENDED_FIRST = "ended-before-withdrawal"
"""The person was told that the leg would be cancelled or frozen: the desk is to know why it is not."""
APPEAL_DAYS = timedelta(days=60)
"""行政复议法 Art. 20: so long after it was told a decision can be objected to."""
AS_OF_RIGHT: Mapping[str, str] = MappingProxyType(
    {"papers-after-lapse": "lapsed", "reached-again": "unreachable"}
)
"""Why the person may have a leg worked on again at any time, and the outcome it was closed with."""
APPEALS = frozenset({"refused", "terminated", "lapsed"})
"""Outcomes that can be objected to."""


def cancel(carrying: Carrying) -> None:
    """Cancel while nobody has taken it on; a consent that was withdrawn later freezes it instead.

    Whoever still waits for a place gives it up, which nobody has to agree to.

    Of any other withdrawal that comes after acceptance the agency learns that the person wishes it, once: it closes the
    leg as withdrawn.
    """
    reason = str(carrying.data["reason"])
    try:
        carrying.act("cancel", {"reason": reason})
    except IllegalTransition:
        leg = carrying.referral
        if waits(leg):
            _leave_line(carrying, reason)
            return
        if reason == CONSENT_WITHDRAWN:
            freeze(carrying)
            raise CannotCarryOut("frozen") from None
        if leg.status in ENDED:
            raise
        if leg.life.withdrawal_asked_at is None:
            carrying.side_act("ask-withdrawal", {"reason": reason})
        raise


def freeze(carrying: Carrying) -> None:
    """Freeze the packet; before the agency has accepted, consent that has ended cancels the leg.

    Of what has ended only that is frozen which still waits for a place, whose turn is given up with it, what the person
    had withdrawn before, as by giving that turn up, and what was handed on: its old holder has decided nothing.
    """
    leg = carrying.referral
    if waits(leg):
        _leave_line(carrying, str(carrying.data["reason"]))
        return
    if leg.status in ENDED - HANDED_ON and not has_withdrawn(leg):
        raise CannotCarryOut(ENDED_FIRST)
    if leg.life.frozen is not None:
        raise CannotCarryOut("already-frozen")
    reason = str(carrying.data["reason"])
    if not leg.accepted and "cancel" in possible_actions(leg.status, accepted=leg.accepted):
        carrying.act("cancel", {"reason": reason})
    else:
        carrying.side_act("freeze", {"reason": reason})


def unfreeze(carrying: Carrying) -> None:
    """Go on with a leg on a new consent, with the packet that this consent allows; its clocks never stood still."""
    leg = carrying.referral
    if leg.status not in SIDE_ACTIONS["unfreeze"].statuses:
        raise CannotCarryOut("already-ended" if leg.status in ENDED else "not-issued")
    rev = _replace_packet(carrying)
    fields = {"rev": rev, "counts_as": carrying.data["counts_as"]}
    if leg.life.frozen is None:
        carrying.side_act("reseal", {**fields, "changed": []}, more=_for_own_key(carrying))
    else:
        carrying.side_act("unfreeze", fields, more=_for_own_key(carrying))
        carrying.referral = let_go_after_answer(
            carrying.context, carrying.uow, carrying.referral, carrying.at, carrying.command
        )


def supply(carrying: Carrying) -> None:
    """Give the agency the papers it asked for; its clock goes on."""
    leg = carrying.referral
    _unfrozen(carrying)
    if leg.status is not Status.AWAITING_DOCUMENTS:
        raise CannotCarryOut("already-ended" if leg.status in ENDED else "papers-not-awaited")
    missing = set(leg.life.papers) - set(carrying.data["papers"])
    if missing:
        raise CannotCarryOut("papers-missing")
    rev = _replace_packet(carrying)
    fields = {"papers": list(carrying.data["papers"]), "rev": rev}
    carrying.act("documents-supplied", fields, more=_for_own_key(carrying))


def reseal(carrying: Carrying) -> None:
    """Put a corrected packet in the place of the present one."""
    _unfrozen(carrying)
    if carrying.referral.status not in SIDE_ACTIONS["reseal"].statuses:
        raise CannotCarryOut("already-ended")
    rev = _replace_packet(carrying)
    fields = {
        "rev": rev,
        "changed": list(carrying.data["changed"]),
        "counts_as": carrying.data["counts_as"],
        **({"reason": carrying.data["reason"]} if carrying.data["reason"] else {}),
    }
    carrying.side_act("reseal", fields, more=_for_own_key(carrying))


def reopen(carrying: Carrying) -> None:
    """Open a closed referral again: as of right where time or silence closed it, or on an objection in time.

    What the person says to it is kept for the agency's desk, sealed as it came. Where the reason does not suit and an
    objection is still possible, the refusal says so.
    """
    leg, reason = carrying.referral, str(carrying.data["reason"])
    _unfrozen(carrying)
    if leg.status is not Status.CLOSED:
        raise CannotCarryOut("not-closed")
    if reason == "appeal":
        if leg.outcome not in APPEALS:
            raise CannotCarryOut("nothing-to-appeal")
        if not _in_time(carrying):
            raise CannotCarryOut("appeal-too-late")
    elif AS_OF_RIGHT.get(reason) != leg.outcome:
        if leg.outcome in APPEALS and _in_time(carrying):
            raise CannotCarryOut("only-on-objection")
        raise CannotCarryOut("coordinator-decides")
    carrying.act("reopen", {"reason": reason})
    if carrying.data["message"] is not None:
        _keep_message(carrying)


def more_time(carrying: Carrying) -> None:
    """Give the person more time for papers: once."""
    carrying.side_act("more-time", {})


def message(carrying: Carrying) -> None:
    """Keep a message for the agency's desk, sealed as it came."""
    _unfrozen(carrying)
    _keep_message(carrying)


def _keep_message(carrying: Carrying) -> None:
    sealed = str(carrying.data["message"])
    more = {"message": sealed} if carrying.holds_own_key else None
    carrying.side_act("receive-message", {}, more=more)
    packets.keep_message(
        carrying.uow.connection,
        id_=carrying.command.id,
        referral=carrying.referral.id,
        at=carrying.at,
        sealed=sealed,
    )


def rate(carrying: Carrying) -> None:
    """Take down how the person rates the help: once, when it has ended."""
    if carrying.referral.status is not Status.CLOSED:
        raise CannotCarryOut("not-closed")
    if carrying.referral.life.rating is not None:
        raise CannotCarryOut("already-rated")
    carrying.side_act("rate", {"grade": carrying.data["grade"]})


def record(carrying: Carrying) -> None:
    """Take down what the agency has answered on paper: done as if its own desk had done it, and marked."""
    try:
        carrying.referral = record_on_behalf(
            carrying.context,
            carrying.uow,
            carrying.referral,
            carrying.data,
            carrying.by,
            carrying.district,
            carrying.at,
        )
    except NoPlaceLeft as error:
        raise CannotCarryOut("no-place-left") from error


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "cancel": cancel,
        "supply": supply,
        "reseal": reseal,
        "freeze": freeze,
        "unfreeze": unfreeze,
        "reopen": reopen,
        "more-time": more_time,
        "message": message,
        "rate": rate,
        "record": record,
    }
)
"""Verb → what carries it out."""


def _leave_line(carrying: Carrying, reason: str) -> None:
    carrying.side_act("leave-line", {"reason": reason})
    if reason == CONSENT_WITHDRAWN and carrying.referral.life.frozen is None:
        carrying.side_act("freeze", {"reason": reason})


def _unfrozen(carrying: Carrying) -> None:
    if carrying.referral.life.frozen is not None:
        raise CannotCarryOut("frozen")


def _replace_packet(carrying: Carrying) -> int:
    if carrying.data["unpublished"] and is_published(carrying.referral.rules):
        carrying.referral = replace(carrying.referral, rules=unpublished(carrying.referral.rules))
        referrals.set_rules(carrying.uow.connection, carrying.referral)
    return packets.replace(
        carrying.uow.connection,
        carrying.referral.id,
        packet=str(carrying.data["packet"]),
        badge=str(carrying.data["badge"]),
        tokens=carrying.data["index"],
        at=carrying.at,
    )


def _for_own_key(carrying: Carrying) -> dict[str, str] | None:
    if not carrying.holds_own_key:
        return None
    return {name: str(carrying.data[name]) for name in ("packet", "badge")}


def _in_time(carrying: Carrying) -> bool:
    ended_at = carrying.referral.ended_at
    return ended_at is None or _day(carrying, ended_at + APPEAL_DAYS) >= _day(carrying, carrying.at)


def _day(carrying: Carrying, at: datetime) -> date:
    return local_date(at, carrying.district.timezone)
