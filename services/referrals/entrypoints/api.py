"""The JSON API: queues, single referrals and what is done with them, and cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.referrals.domain.status import Status
from services.referrals.entrypoints import answers, api_actions, api_handovers, clock_answers
from services.referrals.entrypoints.timeline_answers import whole_case
from services.referrals.schemas import http
from services.referrals.schemas.clock import Clocks
from services.referrals.schemas.timeline import WholeCase
from services.referrals.use_cases import cases, explain_clock, open_packet, read
from services.referrals.use_cases.case_timeline import read_whole_case
from services.referrals.use_cases.context import Context
from shared.http import paging
from shared.http.blueprint import Blueprint
from shared.http.conditional import etag
from shared.http.policy import current_principal, permit


def blueprints(context: Context) -> tuple[Blueprint, ...]:
    """Make the API of this service."""
    return (
        _referrals(context),
        api_actions.blueprint(context),
        api_handovers.blueprint(context),
        _cases(context),
    )


def _referrals(context: Context) -> Blueprint:
    api = Blueprint("referrals", __name__, description="Legs of requests, each at one agency")

    @api.get("/referrals")
    @api.arguments(http.ReferralsQuery, location="query")
    @api.response(200, http.Referrals)
    @permit("referrals.read")
    def list_referrals(query: Mapping[str, Any]) -> Mapping[str, Any]:
        """List referrals, those due first first; `q` looks a person up at one's own agency instead."""
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        wanted = read.Wanted(
            agency=query.get("agency"),
            unit=query.get("unit"),
            statuses=frozenset(map(Status, query["status"])),
            light=query.get("light"),
            assignee=query.get("assignee"),
            supervised=query.get("supervised"),
            q=query.get("q"),
            limit=page.limit,
            after=_place(page),
        )
        found = read.list_referrals(context, current_principal(), wanted)
        if wanted.q:
            return {"items": [answers.referral(view) for view in found], "next": None}
        shown = paging.answer(found, page, lambda view: (view.referral.rank, view.referral.id))
        return {"items": [answers.referral(view) for view in shown["items"]], "next": shown["next"]}

    @api.get("/referrals/<uuid:referral_id>")
    @api.response(200, http.ReferralOut)
    @permit("referrals.read")
    def read_referral(referral_id: UUID) -> Any:  # noqa: ANN401 - body and headers, as flask-smorest takes them
        """Show one referral; its version is also the ETag."""
        view = read.read_referral(context, current_principal(), str(referral_id))
        return answers.referral(view), {"ETag": etag(view.referral.version)}

    @api.get("/referrals/<uuid:referral_id>/history")
    @api.response(200, http.History)
    @permit("referrals.read")
    def read_history(referral_id: UUID) -> Mapping[str, Any]:
        """Tell what was done with a referral, oldest first."""
        return {"items": read.read_history(context, current_principal(), str(referral_id))}

    @api.get("/referrals/<uuid:referral_id>/clock")
    @api.response(200, Clocks)
    @permit("referrals.read")
    def show_clock(referral_id: UUID) -> Mapping[str, Any]:
        """Explain how the referral's time is counted, day by day: pauses, extension, notice, what is not final."""
        return clock_answers.clocks(
            explain_clock.explain_clock(context, current_principal(), str(referral_id))
        )

    @api.post("/referrals/<uuid:referral_id>/packet/open")
    @api.arguments(http.OpenPacket)
    @api.response(200, http.PacketOut)
    @permit("referrals.open-packet")
    def open_the_packet(body: Mapping[str, Any], referral_id: UUID) -> open_packet.OpenedPacket:
        """Open the packet of a referral of one's own agency; each opening is audited with its reason."""
        return open_packet.open_packet(context, current_principal(), str(referral_id), body["reason"])

    return api


def _cases(context: Context) -> Blueprint:
    api = Blueprint("cases", __name__, description="All legs of one request together; never for agencies")

    # The mark is the wider one on purpose: an agency is to be told 404 by the use case, not 403 by the gate.
    @api.get("/cases")
    @api.arguments(http.CasesQuery, location="query")
    @api.response(200, http.Cases)
    @permit("referrals.read")
    def list_cases(query: Mapping[str, Any]) -> Mapping[str, Any]:
        """List cases, the one with the leg due first first."""
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        wanted = cases.WantedCases(
            agency=query.get("agency"),
            unit=query.get("unit"),
            light=query.get("light"),
            limit=page.limit,
            after=_place(page),
        )
        found = cases.list_cases(context, current_principal(), wanted)
        shown = paging.answer(found, page, lambda case: (case.rank, case.leading))
        return {"items": [answers.case(case) for case in shown["items"]], "next": shown["next"]}

    @api.get("/cases/<uuid:request_id>")
    @api.response(200, WholeCase)
    @permit("referrals.read")
    def read_case(request_id: UUID) -> Mapping[str, Any]:
        """Show one case with all its legs, and what was done with them as one timeline."""
        return whole_case(*read_whole_case(context, current_principal(), str(request_id)))

    return api


def _place(page: paging.Page) -> tuple[int, str] | None:
    return None if page.after is None else (int(page.after[0]), str(page.after[1]))
