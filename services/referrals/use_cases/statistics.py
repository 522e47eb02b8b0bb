"""The figures: what came in, was decided and granted, how fast and how well; for others only what may be shown."""

from __future__ import annotations

from dataclasses import replace

from services.referrals.domain.clocks import ACCEPT, ACKNOWLEDGE, DECIDE
from services.referrals.domain.errors import BadFields, FieldFault, NoSuchReferral
from services.referrals.domain.figures import GRANTED, NOT_GRANTED, month_of
from services.referrals.domain.releases import FEWEST
from services.referrals.persistence import figure_backlog, figure_releases, figure_sums
from services.referrals.persistence.figure_reads import Sums, Wanted, at_one_moment, changes, shown_sums, sums
from services.referrals.persistence.figure_sums import DISTRICT, STREET, UNIT
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.context import Context, filed_at
from services.referrals.use_cases.figure_rows import taken
from services.referrals.use_cases.figure_views import FiguresView, WantedFigures, figures_view
from services.referrals.use_cases.known_codes import refuse_unknown
from shared.audit.quota import QuotaSpent, spent
from shared.directory import CLINICAL_OUTWARD, District
from shared.identity import Forbidden, Grant, Principal, allow
from shared.text import Text

EXPORTED, REFUSED = "statistics.exported", "export.refused"
_THREE_CLOCKS = frozenset({ACKNOWLEDGE, ACCEPT, DECIDE})


def read_statistics(context: Context, principal: Principal, asked: WantedFigures) -> FiguresView:
    """Give the figures within the reader's own scope; audited.

    Raises ``NoSuchReferral`` for whoever may not know of them and for what lies outside, ``BadFields`` for a code that
    nobody knows, and for places and months asked for together where something is withheld; ``QuotaSpent`` for more
    exports than one may take on a day, which is written to the audit log, too.
    """
    try:
        grant = allow(principal, "statistics.read")
    except Forbidden as error:
        raise NoSuchReferral("statistics") from error
    district = context.directory.current()
    scope, wanted = _within(grant, district, asked)
    exempt = asked.purpose == "own"
    if exempt:
        view = _exact(context, district, scope, wanted, asked)
    else:
        _refuse_places_by_months(wanted, asked)
        view = _suppressed(context, district, scope, wanted, asked)
    what = "statistics.opened" if exempt else EXPORTED
    detail = {"for": asked.purpose, "by": asked.by or ""}
    refusal: QuotaSpent | None = None
    with context.database.unit_of_work() as uow:
        if asked.purpose == "export":
            now = context.clock.now()
            refusal = spent(uow.connection, principal.staff, EXPORTED, now, district.timezone)
        about = ("statistics", scope)
        audit(
            context, uow, principal, grant, REFUSED if refusal else what, about, detail, reason=asked.reason
        )
    if refusal is not None:
        raise refusal
    return view


def _within(grant: Grant, district: District, asked: WantedFigures) -> tuple[str, Wanted]:
    """Turn what the policy grants and what is asked for into one scope: of several posts the widest."""
    every = Wanted(programme=asked.programme, first=asked.first, last=asked.last)
    scope, wanted = "district", every
    if not grant.everything:
        scope, wanted = next(
            (name, narrowed)
            for name, places, narrowed in (
                ("agency", grant.agencies, replace(every, agencies=grant.agencies)),
                ("street", grant.streets, replace(every, level=STREET, places=grant.streets)),
                ("unit", True, replace(every, level=UNIT, places=grant.units)),
            )
            if places
        )
    if asked.agency is not None:
        if wanted.agencies is not None and asked.agency not in wanted.agencies:
            raise NoSuchReferral(asked.agency)
        wanted = replace(wanted, agencies=frozenset({asked.agency}))
    if asked.unit is not None and _is_district(district, asked.unit):
        if wanted.places is not None:
            raise NoSuchReferral(asked.unit)
    elif asked.unit is not None:
        unit, _ = filed_at(district, asked.unit)
        # A desk may well be of a street: then it has what it filed itself, and not what the street's communities did.
        level = STREET if unit is None and wanted.level != UNIT else UNIT
        streets = wanted.places if wanted.level == STREET else None
        known = wanted.places is None or asked.unit in wanted.places
        if not known and (streets is None or district.street_of(asked.unit) not in streets):
            raise NoSuchReferral(asked.unit)
        wanted = replace(wanted, level=level, places=frozenset({asked.unit}))
    return scope, wanted


def _is_district(district: District, code: str) -> bool:
    known = district.units.get(code)
    return known is not None and known.level == "district"


def _refuse_places_by_months(wanted: Wanted, asked: WantedFigures) -> None:
    places = wanted.level != DISTRICT or asked.by == "street"
    if places and (asked.by == "month" or wanted.months):
        raise BadFields([FieldFault("by" if asked.by == "month" else "from", _NOT_BOTH)])


def _exact(
    context: Context, district: District, scope: str, wanted: Wanted, asked: WantedFigures
) -> FiguresView:
    with context.database.read() as connection:
        at_one_moment(connection)
        waiting = changes(connection)
        found = sums(connection, wanted, None, waiting)
        groups = sums(connection, wanted, asked.by, waiting) if asked.by else {}
        days = _days_for(scope, sums(connection, wanted, None, waiting, days=True))
        complete = not figure_backlog.is_left(connection)
    refuse_unknown(found, district, agency=asked.agency, unit=asked.unit, programme=asked.programme)
    return figures_view(
        district, scope, wanted, asked, found, groups, taken(days, district), complete=complete
    )


def _days_for(scope: str, days: Sums) -> Sums:
    """Leave the steps of treatments to their agency: how many of them there were would tell others which it was."""
    if scope == "agency":
        return days
    return {
        (group, figure): count
        for (group, figure), count in days.items()
        if figure.programme != CLINICAL_OUTWARD or figure.step in _THREE_CLOCKS
    }


def _suppressed(
    context: Context, district: District, scope: str, wanted: Wanted, asked: WantedFigures
) -> FiguresView:
    present = month_of(context.today(district))
    with context.database.read() as connection:
        due = figure_releases.is_due(connection, present)
    if due:
        with context.database.unit_of_work() as uow:
            figure_sums.alone(uow.connection, wait=True)
            figure_releases.show(uow.connection, present)
    with context.database.read() as connection:
        at_one_moment(connection)
        found = shown_sums(connection, wanted, None)
        groups = shown_sums(connection, wanted, asked.by) if asked.by else {}
        days = sums(connection, wanted, None, {}, days=True)
        complete = not figure_backlog.is_left(connection)
    refuse_unknown(found, district, agency=asked.agency, unit=asked.unit, programme=asked.programme)
    decided: dict[str, int] = {}
    for (_, figure), count in found.items():
        if figure.measure in {GRANTED, NOT_GRANTED}:
            decided[figure.agency] = decided.get(figure.agency, 0) + count.people
    # Of an agency that is shown to have decided on five people, at least as many went through each of its clocks.
    kept = [
        replace(each, referrals=None)
        for each in taken(days, district)
        if each.step in _THREE_CLOCKS and decided.get(each.agency, 0) >= FEWEST
    ]
    return figures_view(district, scope, wanted, asked, found, groups, kept, complete=complete)


_NOT_BOTH = Text(
    "对外提供的数据不能同时按地点和月份细分，请去掉其中一项。",
    "Figures for others cannot be told by place and by month at once; leave one of them out.",
)
