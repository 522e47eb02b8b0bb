"""The coordinator's pages: the board of cases, and one case with all its legs."""

from __future__ import annotations

from uuid import UUID

import flask

from services.referrals.entrypoints.list_pages import address, place_of, query_of
from services.referrals.schemas import http
from services.referrals.use_cases import cases
from services.referrals.use_cases.context import Context
from shared.http import paging
from shared.http.policy import current_principal, permit

BOARD = "/referrals/board"
_BOARD_QUERY = http.CasesQuery()


def mount(pages: flask.Blueprint, context: Context) -> None:
    """Put the board and the page of one case among the service's pages."""

    # The mark is the wider one on purpose: an agency is to be told 404 by the use case, not 403 by the gate.
    @pages.get("/board")
    @permit("referrals.read")
    def board() -> str:
        """Show cases with all their legs side by side."""
        query = query_of(_BOARD_QUERY)
        page = paging.page_of(None, query.get("cursor"))
        kept = {name: query.get(name) for name in ("light", "agency", "unit")}
        wanted = cases.WantedCases(**kept, limit=page.limit, after=place_of(page))
        principal = current_principal()
        found = cases.list_cases(context, principal, wanted)
        shown = paging.answer(found, page, lambda case: (case.rank, case.leading))
        district = context.directory.current()
        return flask.render_template(
            "referrals/board.html",
            cases=shown["items"],
            lights=cases.count_lights(context, principal, wanted),
            chosen=kept,
            address=lambda **changes: address(BOARD, {**kept, **changes}),
            agencies=[(agency.id, agency.name) for agency in district.agencies.values()],
            streets=[(unit.code, unit.name) for unit in district.units.values() if unit.level == "street"],
            first=address(BOARD, kept) if page.after else None,
            next=address(BOARD, {**kept, "cursor": shown["next"]}) if shown["next"] else None,
        )

    @pages.get("/cases/<uuid:request_id>")
    @permit("referrals.read")
    def case(request_id: UUID) -> str:
        """Show one case."""
        view = cases.read_case(context, current_principal(), str(request_id))
        return flask.render_template("referrals/case.html", case=view)
