"""An agency has answered on paper: what it decided is taken down for it, and marked with the scanned slip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from services.referrals.domain.doing import Doing, one_of, together
from services.referrals.domain.errors import BadFields, FieldFault
from services.referrals.domain.outcomes import WORDS_OF_CLOSING, check_words
from services.referrals.domain.referral import Change, Referral, act
from services.referrals.domain.side_actions import side_act
from services.referrals.domain.slips import BESIDE_THE_STATUS, RECORDED
from services.referrals.schemas.actions import fields_of
from services.referrals.use_cases import scans, words
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.receivers import with_receiver
from services.referrals.use_cases.record import By, record_change
from services.referrals.use_cases.succeed import let_go_after_answer
from shared.db import UnitOfWork
from shared.directory import District
from shared.directory.rules import detail_choices
from shared.text import Text

T = TypeVar("T")
_ACTION = Text(
    "请选择该单位书面作出的决定，可选：{known}。", "Choose what the agency decided, one of: {known}."
)


def record_on_behalf(
    context: Context,
    uow: UnitOfWork,
    referral: Referral,
    given: Mapping[str, Any],
    by: By,
    district: District,
    at: datetime,
) -> Referral:
    """Do what the agency has decided as if its own desk had done it, and mark it; gives the referral after both.

    ``given`` are ``action``, its ``fields`` and the ``slip``, with the ``scan`` itself where it comes from the help
    desk. Words go sealed to the help desk, as the agency's own would: it opens no scan that was uploaded here. What
    the desk took down itself it keeps, and no words come with it.

    Raises what the domain objects to; then nothing has changed.
    """
    action = str(given["action"])
    if action not in RECORDED:
        raise BadFields([FieldFault("action", one_of(_ACTION, RECORDED))])
    taken = words.WORDS.get(action, ())
    told = {
        name: said
        for name, said in dict(given["fields"]).items()
        if name in taken or name not in WORDS_OF_CLOSING
    }
    fields = fields_of(action, told, "fields")
    sealed_here = by.actor is not None and not words.holds_own_key(referral, district)
    if action == "close":
        # The details of an outcome are words too, and stand on the slip: none has to be given.
        choices = detail_choices(district, referral.programme)
        _inside(lambda: check_words(fields, referral.rules, complete=False, choices=choices))
    slip = {"slip": str(given["slip"])}
    scans.require_unspent(uow, referral, slip["slip"], by)

    def decide() -> Change:
        if action in BESIDE_THE_STATUS:
            return side_act(referral, action, Doing(referral, fields, at, timetable(district), None))
        return with_receiver(
            lambda: act(referral, action, fields, at, timetable(district)), referral, action, fields, district
        )

    def say() -> None:
        if sealed_here:
            words.require_words(action, fields)

    change: Change = _inside(lambda: together(decide, say)[0])
    said = words.words_of(action, fields) if sealed_here else {}
    answer = words.answer(context, change, said, district, at) if said else None
    after = record_change(context, uow, change, by, district, at=at, more=answer, detail=slip)
    mark = side_act(
        after, "record-on-behalf", Doing(after, {"action": action, **slip}, at, timetable(district), None)
    )
    scan = scans.keep(uow, after, given, by, district, at)
    after = record_change(context, uow, mark, by, district, at=at, more=scan, detail=slip)
    return let_go_after_answer(context, uow, after, at) if action in BESIDE_THE_STATUS else after


def _inside(take: Callable[[], T]) -> T:
    """Do what checks the fields of the decision: as part of a body, each is named below ``fields``."""
    try:
        return take()
    except BadFields as error:
        raise BadFields([replace(fault, field=f"fields.{fault.field}") for fault in error.faults]) from error
