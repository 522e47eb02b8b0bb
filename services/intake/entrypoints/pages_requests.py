"""The desk's pages: the list of requests, one request with its legs and consents, withdrawing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import flask
from werkzeug.wrappers import Response

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import InvalidFiling
from services.intake.domain.holders import answers_owed
from services.intake.domain.request import (
    ASK,
    LEG_ENDED,
    PLANNED,
    REASONS,
    UNANSWERED,
    WITHDRAW,
    WITHDRAW_CONSENT,
)
from services.intake.domain.withdrawing import standing
from services.intake.entrypoints import labels
from services.intake.entrypoints.errors import ERRORS
from services.intake.entrypoints.fact_labels import GROUNDS
from services.intake.entrypoints.story import sayings, story
from services.intake.schemas.http import ListQuery, WithdrawBody
from services.intake.schemas.legs import MessageBody
from services.intake.use_cases import read_requests
from services.intake.use_cases.commands import AskLeg, ask_leg
from services.intake.use_cases.context import Context
from services.intake.use_cases.leg_light import days_left_of, today
from services.intake.use_cases.read_requests import ListRequests
from services.intake.use_cases.withdraw_request import WithdrawRequest, withdraw_request
from shared.http import paging
from shared.http.blueprint import read_form, read_query
from shared.http.idempotency import once_for
from shared.http.policy import current_principal, permit
from shared.http.problems import BadInput, Problem
from shared.http.redirects import see_other
from shared.identity import Role
from shared.text import Text

LIST = "/intake/requests"
SEE_OTHER = 303
NOTICES = {
    "filed": Text(
        "申请已提交。请把查询码交给本人。", "The request is filed. Give the receipt code to the person."
    ),
    "withdrawal-asked": Text(
        "已请求撤回，结果稍后显示在该事项上。",
        "The withdrawal is asked for; its outcome will show beside the leg.",
    ),
    "consent-withdrawn": Text(
        "同意已撤回。各单位的答复会显示在这里。",
        "The consent is withdrawn. What each agency answers will show here.",
    ),
    "consent-refused": Text(
        "已记录本人不同意。在此期间不再询问；本人随时可以同意。",
        "The person's no is written down. Nobody asks again for a while; the person may consent on any day.",
    ),
    "message-sent": Text("留言已加密发送给该单位。", "The message is on its way, sealed to the agency."),
}
_QUERY, _WITHDRAW, _MESSAGE = ListQuery(), WithdrawBody(), MessageBody()


def blueprint(context: Context) -> flask.Blueprint:
    """Make the desk's pages of requests."""
    pages = flask.Blueprint("desk", __name__, template_folder="../templates", url_prefix=LIST)

    @pages.get("")
    @permit("requests.read")
    def overview() -> str:
        """List one's requests, filtered and paged."""
        given = {name: value for name, value in flask.request.args.items() if value}
        query = read_query(flask.request, _QUERY) if given else {"status": []}
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        wanted = ListRequests(
            statuses=query["status"],
            search=query.get("q"),
            limit=page.limit,
            after=read_requests.place(page.after),
        )
        principal = current_principal()
        found = read_requests.list_requests(context, principal, wanted)
        shown = paging.answer(found, page, lambda item: (item["created_at"], item["id"]))
        filters = [
            (name, value) for name in ("status", "q") for value in flask.request.args.getlist(name) if value
        ]
        return flask.render_template(
            "intake/requests.html",
            items=shown["items"],
            status=query["status"][0] if query["status"] else "",
            search=query.get("q", ""),
            filtered=bool(filters),
            first=_address(filters) if page.after else None,
            next=_address([*filters, ("cursor", shown["next"])]) if shown["next"] else None,
            may_file=principal.holds(Role.HUT),
            district=context.directory.current(),
            labels=labels,
        )

    @pages.get("/<uuid:request>")
    @permit("requests.read")
    def one(request: uuid.UUID) -> str:
        """Show one request with its legs and what has happened."""
        return _request_page(context, str(request))

    @pages.get("/<uuid:request>/hand-over")
    @permit("requests.read")
    def hand_over(request: uuid.UUID) -> str:
        """Show on paper what goes along with the legs of somebody registered elsewhere."""
        found = read_requests.read_request(context, current_principal(), str(request))
        return flask.render_template(
            "intake/hand_over.html",
            item=found,
            legs=[leg for leg in found["legs"] if leg["notes"]],
            district=context.directory.current(),
        )

    @pages.post("/<uuid:request>/withdraw")
    @permit("requests.withdraw")
    def withdraw(request: uuid.UUID) -> Response:
        """Ask for a leg, or for all of them, to be cancelled."""
        body = read_form(flask.request, _WITHDRAW)
        there = f"{LIST}/{request}"
        once = once_for(flask.request, SEE_OTHER, lambda _: {"location": there})
        command = WithdrawRequest(request=str(request), reason=body["reason"], legs=tuple(body["legs"]))
        withdraw_request(context, current_principal(), command, once=once)
        return see_other(there, "withdrawal-asked")

    @pages.post("/<uuid:request>/legs/<uuid:leg>/message")
    @permit("requests.ask")
    def message(request: uuid.UUID, leg: uuid.UUID) -> Any:  # noqa: ANN401 - a page, with a status where it was refused
        """Send a short message to the agency of a leg."""
        there = f"{LIST}/{request}"
        try:
            body = read_form(flask.request, _MESSAGE)
            once = once_for(flask.request, SEE_OTHER, lambda _: {"location": there})
            command = AskLeg(request=str(request), leg=str(leg), verb="message", fields=body)
            ask_leg(context, current_principal(), command, once=once)
        except (BadInput, Breach, InvalidFiling) as error:
            problem = error if isinstance(error, Problem) else ERRORS[type(error)](error)
            # What was written stays in the form, beside what is wrong with it.
            kept = {"leg": str(leg), "text": flask.request.form.get("text", "")}
            return _request_page(context, str(request), problem=problem, kept=kept), problem.status
        return see_other(there, "message-sent")

    return pages


def _request_page(
    context: Context,
    request: str,
    *,
    problem: Problem | None = None,
    kept: Mapping[str, str] | None = None,
) -> str:
    principal = current_principal()
    found = read_requests.read_request(context, principal, request)
    district = context.directory.current()
    day = today(context.clock.now(), district)
    hints = [code for code in labels.HINT if code in flask.request.args.getlist("hint")]
    at_hut = principal.holds(Role.HUT)
    open_legs = [leg for leg in found["legs"] if leg["status"] not in LEG_ENDED]
    return flask.render_template(
        "intake/request.html",
        item=found,
        legs=[(leg, days_left_of(leg, day, district)) for leg in found["legs"]],
        answers={leg["id"]: sayings(leg["answer"], leg["programme"], district) for leg in found["legs"]},
        story=story(found["history"], district),
        hints=[labels.HINT[code] for code in hints],
        may_withdraw=at_hut and WITHDRAW in found["possible"],
        may_print=at_hut,
        consents=[
            (consent, answers_owed(consent, found["legs"], found["history"])) for consent in found["consents"]
        ],
        may_take_back=at_hut and WITHDRAW_CONSENT in found["possible"],
        today=day,
        grounds=GROUNDS,
        agencies={each.id: each.name for each in district.agencies.values()},
        withdrawable=[
            leg for leg in found["legs"] if standing(leg["status"], leg["outcome"]) not in LEG_ENDED
        ],
        written_to=[leg for leg in open_legs if leg["status"] != PLANNED]
        if at_hut and ASK in found["possible"]
        else [],
        unanswered=UNANSWERED,
        reasons=REASONS,
        problem=problem,
        kept=kept or {},
        district=district,
        labels=labels,
    )


def _address(query: list[tuple[str, Any]]) -> str:
    return f"{LIST}?{urlencode(query)}" if query else LIST
