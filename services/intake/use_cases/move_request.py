"""Moves a case to another street or community of the district: its papers are forwarded, its history stays with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.intake.domain import events
from services.intake.domain.errors import Fault, InvalidFiling, Rule
from services.intake.domain.request import MOVE
from services.intake.persistence import cases
from services.intake.persistence.tables import requests
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Change, Deed, changing
from services.intake.use_cases.seats import seats
from services.intake.use_cases.tasks import raise_task
from shared.db import Once
from shared.directory import Unit
from shared.directory.validation import residence_problem
from shared.identity import Principal
from shared.text import Text, listed

NO_SUCH_UNIT = Rule(
    "本区没有代码为 {unit} 的街道或社区。请从单位列表中选择。",
    "The district has no street or community {unit}. Choose one from its list.",
    "no-such-unit",
)
ALREADY_THERE = Rule(
    "该案件已在此单位，请选择另一个单位。",
    "The case belongs to this unit already; choose another.",
    "same-unit",
)
NOBODY_THERE = Rule(
    "{name}没有在岗的窗口人员，移过去将无人能办理该案件。请选择有人在岗的单位：{units}；或先请系统管理员为{name}设窗口账号。",
    "Nobody staffs the desk of {name}, so nobody could work on the case there. Choose a unit whose desk is staffed: "
    "{units}; or have the operator give the desk of {name} an account first.",
    "nobody-at-unit",
)
NO_UNIT = Text("（目前没有）", "(there is none at present)")
NAMED = 5
"""So many units with a staffed desk are named at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRequest:
    """Move a request to another unit; ``reason`` is a code, ``residence`` the new one where that has changed, too."""

    request: str
    unit: str
    reason: str
    residence: str | None = None
    version: int | None = None


def move_request(
    context: Context, principal: Principal, command: MoveRequest, *, once: Once | None = None
) -> dict[str, Any]:
    """Give a case to another street or community (戒毒条例 Art. 22 forwards the papers to the new one).

    Whoever had it loses it, the new unit gets a task and everything that is on file. Agencies keep their legs.
    Gives ``{id, number, status, version, legs, unit, street}``.

    Raises:
        Forbidden, NotThere, StaleRequest, IllegalStep: as ``changing``.
        InvalidFiling: there is no such unit, the case is there already, or its desk has nobody to work on it.
    """
    change = Change(
        request=command.request, action="requests.move", step=MOVE, version=command.version, leaves=True
    )
    with changing(context, principal, change, once=once) as deed:
        case = deed.case
        _check(deed, command)
        street = deed.district.street_of(command.unit)
        values = {"unit": command.unit, "street": street}
        if command.residence is not None:
            values["residence"] = command.residence
        cases.change(deed.uow.connection, requests, case.id, **values)
        deed.tell(events.moved(deed.stamp(), unit=command.unit, street=street))
        codes = {"from": case.unit, "to": command.unit, "reason": command.reason}
        deed.note("moved", detail=codes)
        deed.audit("request.moved", **codes)
        cases.hand_over_tasks(deed.uow.connection, case.id, unit=command.unit, street=street)
        raise_task(
            deed.uow,
            kind="hand-over",
            unit=command.unit,
            street=street,
            request=case.id,
            detail=codes,
            at=deed.at,
        )
        deed.uow.result = deed.answer({leg.id: leg for leg in case.legs}, unit=command.unit, street=street)
    answer: dict[str, Any] = deed.uow.result
    return answer


def _check(deed: Deed, command: MoveRequest) -> None:
    faults = []
    unit = deed.district.units.get(command.unit)
    if unit is None or unit.level == "district":
        faults.append(Fault("unit", NO_SUCH_UNIT.format(unit=command.unit)))
    elif command.unit == deed.case.unit:
        faults.append(Fault("unit", ALREADY_THERE))
    elif (nobody := _nobody_there(deed, unit)) is not None:
        faults.append(Fault("unit", nobody))
    if command.residence is not None:
        problem = residence_problem(command.residence, deed.district)
        if problem is not None:
            faults.append(Fault("residence", problem))
    if faults:
        raise InvalidFiling(faults)


def _nobody_there(deed: Deed, unit: Unit) -> Text | None:
    """Object to a unit whose desk has nobody: a specialist sees a case, and can neither add papers nor withdraw.

    Where there are no accounts, who is there is not known here: any unit of the district will do.
    """
    there = seats(deed.uow.connection)
    if there is None or unit.code in there.desks:
        return None
    staffed = sorted(there.desks & deed.district.units.keys() - {deed.case.unit})[:NAMED]
    units = listed(Text(code, code) for code in staffed) if staffed else NO_UNIT
    return NOBODY_THERE.format(name=unit.name, units=units)
