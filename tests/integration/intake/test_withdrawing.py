"""What cannot be withdrawn (any more), or not by whoever asks, is refused and changes nothing."""

from __future__ import annotations

import pytest

from services.intake.domain.errors import IllegalStep, NotThere
from services.intake.use_cases.context import Context
from services.intake.use_cases.withdraw_request import StaleRequest, WithdrawRequest, withdraw_request
from shared import ids
from tests.builders import OTHER_UNIT, a_principal
from tests.integration.intake.test_mirror import Tell, filed, tell, withdraw

__all__ = ["tell"]  # a fixture


def test_what_is_being_withdrawn_is_not_withdrawn_twice(context: Context) -> None:
    request, legs = filed(context, "dibao")
    withdraw(context, request)
    for again in ((), (legs[0],)):
        with pytest.raises(IllegalStep):
            withdraw(context, request, *again)


def test_an_ended_request_is_not_withdrawn(context: Context, tell: Tell) -> None:
    request, legs = filed(context, "dibao")
    tell(["issued", "acknowledged", "accepted", "closed"], legs[0])
    with pytest.raises(IllegalStep) as refused:
        withdraw(context, request)
    assert refused.value.status == "ended"


def test_a_stale_version_is_told_before_anything_else(context: Context, tell: Tell) -> None:
    request, legs = filed(context, "dibao")
    tell(["issued", "acknowledged", "accepted", "closed"], legs[0])
    with pytest.raises(StaleRequest):
        withdraw(context, request, version=1)


def test_a_foreign_request_or_leg_does_not_exist(context: Context) -> None:
    request, _ = filed(context, "dibao")
    _, others = filed(context, "dibao")
    with pytest.raises(NotThere):
        withdraw(context, request, others[0])
    with pytest.raises(NotThere):
        withdraw(context, ids.new())
    command = WithdrawRequest(request=request, reason="duplicate")
    with pytest.raises(NotThere):
        withdraw_request(context, a_principal("hut", unit=OTHER_UNIT), command)
