"""The pages of agencies: queue and referral, and all that is done from there; they work without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import flask
from werkzeug.wrappers import Response

from services.referrals.domain.beginnings import ACTION_TEXTS
from services.referrals.domain.clocks import UNIT_TEXTS
from services.referrals.domain.errors import ReferralError
from services.referrals.domain.keeping import has_deleted, may_be_read
from services.referrals.domain.life import Life
from services.referrals.domain.outcomes import OUTCOMES
from services.referrals.domain.reasons import OVERDUE_REASONS, REFUSAL_REASONS, SUCCESSOR_REFUSALS
from services.referrals.domain.referral import Referral
from services.referrals.domain.side_actions import is_versioned
from services.referrals.domain.status import STATUS_TEXTS, TABS, Tab
from services.referrals.domain.supervision import is_overdue
from services.referrals.entrypoints import board_pages, forms
from services.referrals.entrypoints.board_pages import BOARD
from services.referrals.entrypoints.list_pages import address, place_of, query_of
from services.referrals.entrypoints.pending_words import pending_in_words
from services.referrals.entrypoints.problems import DELETED, FROZEN, problem_of
from services.referrals.schemas import actions, http
from services.referrals.use_cases import act, open_packet, read
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.desk_messages import OpenedMessage, read_messages
from services.referrals.use_cases.explain_clock import PAUSE_TEXTS, explain_clock
from services.referrals.use_cases.packet_words import packet_in_words
from services.referrals.use_cases.pending import open_pending
from services.referrals.use_cases.slips import list_slips
from services.referrals.use_cases.views import paper_names, step_names
from shared.http import paging
from shared.http.blueprint import read_form
from shared.http.conditional import if_match
from shared.http.idempotency import once_for
from shared.http.policy import current_principal, permit
from shared.http.problems import BadInput, OutOfReach, Problem
from shared.http.redirects import safe_next, see_other
from shared.identity import Principal
from shared.text import Text

QUEUE = "/referrals/queue"
MOST_COUNTED = 1000
TAB_TEXTS = {
    Tab.TODO: Text("待办", "To do"),
    Tab.DOING: Text("在办", "In hand"),
    Tab.DONE: Text("已办", "Done"),
}
PLAIN = frozenset({"acknowledge", "accept"})
NOTICES = {
    "acknowledge": Text("已签收。", "Acknowledged."),
    "accept": Text("已受理。", "Accepted."),
    "start": Text("进展已记录。", "Progress recorded."),
    "close": Text("已办结，结果已通知登记窗口。", "Closed; the desk that filed it has been told."),
    **dict.fromkeys(
        (action for action in actions.OFFERED if action not in {*PLAIN, "start", "close"}),
        Text("已记录。", "Recorded."),
    ),
}
_QUEUE_QUERY = http.QueueQuery()
_FORMS = {action: actions.body_of(action)() for action in actions.OFFERED}
_REASON = http.OpenPacket()


def blueprint(context: Context) -> flask.Blueprint:
    """Make the pages of this service."""
    pages = flask.Blueprint("desk", __name__, template_folder="../templates", url_prefix="/referrals")
    pages.add_app_template_global(_words, "words")
    for mount in (_queue, _referral, board_pages.mount):
        mount(pages, context)
    return pages


def _words() -> Mapping[str, Mapping[Any, Text]]:
    return {
        "status": STATUS_TEXTS,
        "outcome": {code: outcome.text for code, outcome in OUTCOMES.items()},
        "action": ACTION_TEXTS,
        "unit": UNIT_TEXTS,
        "successor_refused": SUCCESSOR_REFUSALS,
        "tab": TAB_TEXTS,
    }


def _queue(pages: flask.Blueprint, context: Context) -> None:
    @pages.get("/")
    @permit("referrals.read")
    def home() -> Response:
        """Lead to the page of one's role."""
        at_agency = any(post.agency for post in current_principal().posts)
        return flask.redirect(QUEUE if at_agency else BOARD)

    @pages.get("/queue")
    @permit("referrals.search")
    def queue() -> str:
        """Show the queue of one's agency, one drawer at a time, or the referrals of somebody looked up."""
        query = query_of(_QUEUE_QUERY)
        page = paging.page_of(None, query.get("cursor"))
        principal = current_principal()
        tab = Tab(query["tab"])
        looked_up = (query.get("q") or "").strip()
        wanted = read.Wanted(
            statuses=TABS[tab],
            owing=tab is Tab.TODO,
            light=query.get("light"),
            q=looked_up or None,
            limit=page.limit,
            after=place_of(page),
        )
        found = read.list_referrals(context, principal, wanted)
        shown = paging.answer(found, page, lambda view: (view.referral.rank, view.referral.id))
        kept = {"tab": tab.value, "light": query.get("light")}
        return flask.render_template(
            "referrals/queue.html",
            agencies=_agencies(context, principal),
            views=found if looked_up else shown["items"],
            tab=tab,
            counts=_counts(context, principal),
            light=query.get("light"),
            q=looked_up,
            first=address(QUEUE, kept) if page.after else None,
            next=None
            if looked_up or not shown["next"]
            else address(QUEUE, {**kept, "cursor": shown["next"]}),
            here=flask.request.full_path if flask.request.query_string else QUEUE,
        )


def _referral(pages: flask.Blueprint, context: Context) -> None:
    @pages.get("/<uuid:referral_id>")
    @permit("referrals.read")
    def referral(referral_id: UUID) -> str:
        """Show one referral: its facts, its clock, its history, and what may be done."""
        return _referral_page(context, str(referral_id))

    @pages.post("/<uuid:referral_id>/packet")
    @permit("referrals.open-packet")
    def packet(referral_id: UUID) -> Any:  # noqa: ANN401 - a page, with a status where something was wrong
        """Open the packet and show it on this one answer."""
        try:
            reason = read_form(flask.request, _REASON)["reason"]
            opened = open_packet.open_packet(context, current_principal(), str(referral_id), reason)
        except (ReferralError, BadInput) as error:
            return _refused(context, str(referral_id), error)
        return _referral_page(context, str(referral_id), opened=opened)

    @pages.post("/<uuid:referral_id>/messages")
    @permit("referrals.open-packet")
    def messages(referral_id: UUID) -> Any:  # noqa: ANN401 - as above
        """Open the messages of the help desk and the notes of colleagues, and show them on this one answer."""
        try:
            read_out = read_messages(context, current_principal(), str(referral_id))
        except ReferralError as error:
            return _refused(context, str(referral_id), error)
        return _referral_page(context, str(referral_id), messages=read_out)

    @pages.post("/<uuid:referral_id>/pending")
    @permit("referrals.open-pending")
    def pending(referral_id: UUID) -> Any:  # noqa: ANN401 - as above
        """Open what waits for the leader, with the words that go with it, and show it on this one answer."""
        try:
            waiting = open_pending(context, current_principal(), str(referral_id))
        except ReferralError as error:
            return _refused(context, str(referral_id), error)
        return _referral_page(context, str(referral_id), waiting=waiting)

    @pages.post("/<uuid:referral_id>/<verb>")
    @permit("referrals.{verb}", verb=tuple(_FORMS))
    def take(referral_id: UUID, verb: str) -> Any:  # noqa: ANN401 - as above
        """Take an action and go back to where one came from."""
        there = safe_next(flask.request.args.get("next"), f"/referrals/{referral_id}")
        form = flask.request.form.to_dict() | {"verb": verb}
        try:
            command = act.Action(
                referral_id=str(referral_id),
                action=verb,
                version=if_match(flask.request) if is_versioned(verb) else act.UNVERSIONED,
                fields=read_form(flask.request, _FORMS[verb]),
            )
            once = once_for(flask.request, 303, lambda _: {"location": there})
            act.take_action(context, current_principal(), command, once=once)
        except (ReferralError, BadInput) as error:
            return _refused(context, str(referral_id), error, form=form)
        return see_other(there, verb)


def _referral_page(
    context: Context,
    referral_id: str,
    *,
    problem: Problem | None = None,
    form: Mapping[str, str] | None = None,
    opened: open_packet.OpenedPacket | None = None,
    messages: Sequence[OpenedMessage] | None = None,
    waiting: Mapping[str, Any] | None = None,
) -> str:
    principal = current_principal()
    explained = explain_clock(context, principal, referral_id, with_badge=True)
    view = explained.view
    district = context.directory.current()
    agency = district.agencies.get(view.referral.agency)
    names = step_names(view, district)
    late_reasons = _late_reasons(context, view.referral)
    history = read.read_history(context, principal, referral_id, on_its_page=True)
    taken_down = view.own and any(line.action == "record-on-behalf" for line in history)
    return flask.render_template(
        "referrals/referral.html",
        view=view,
        explained=explained,
        clocks=explained.clocks,
        pause_names=PAUSE_TEXTS,
        history=history,
        slips=list_slips(context, principal, referral_id) if taken_down else (),
        steps=[(step, names.get(step, step)) for step in view.steps],
        step_names=names,
        outcomes=[(code, OUTCOMES[code].text) for code in view.outcomes],
        details=forms.details_of(view, district),
        reasons=list(REFUSAL_REASONS.items()),
        late_reasons=late_reasons,
        folds=[
            (action, forms.drawn(action, view, district))
            for action in (*view.actions, *view.side_actions)
            if action not in forms.OWN_FORM | forms.NOT_ON_PAGES | PLAIN
            and (late_reasons or action != "explain-delay")
        ],
        people={member.id: member.name for member in district.staff},
        withheld=_withheld(view.referral.life),
        key_is_here=agency is not None and agency.keys == "platform",
        opened=opened,
        messages=messages,
        waiting=pending_in_words(waiting, paper_names(view, district), district) if waiting else None,
        sections=packet_in_words(opened.body, view.referral.programme, district) if opened else (),
        problem=problem,
        form=form or {},
    )


def _withheld(life: Life) -> Text | None:
    """Say why there is nothing to open, where consent has ended; None where the packet may be opened."""
    if may_be_read(life):
        return None
    return DELETED if has_deleted(life) else FROZEN


def _late_reasons(context: Context, leg: Referral) -> list[tuple[str, Text]]:
    """Give what a late decision may say of its delay; nothing where it is in time, or has been explained."""
    owed = leg.life.overdue_reason is None and is_overdue(
        leg, context.clock.now(), timetable(context.directory.current())
    )
    return list(OVERDUE_REASONS.items()) if owed else []


def _refused(
    context: Context,
    referral_id: str,
    error: ReferralError | BadInput,
    *,
    form: Mapping[str, str] | None = None,
) -> Any:  # noqa: ANN401 - a page and its status
    problem = problem_of(error) if isinstance(error, ReferralError) else error
    if isinstance(problem, OutOfReach):
        raise problem
    # The page is made anew: beside what was refused stands how the referral is now.
    return _referral_page(context, referral_id, problem=problem, form=form), problem.status


def _counts(context: Context, principal: Principal) -> Mapping[Tab, str]:
    by_status, owing = read.count_by_status(context, principal, None, most=MOST_COUNTED)
    numbers = {tab: sum(by_status.get(status, 0) for status in statuses) for tab, statuses in TABS.items()}
    shown = {tab: str(number) for tab, number in numbers.items()}
    # What has ended and is still owed an answer of lies in both drawers.
    shown[Tab.TODO] = str(numbers[Tab.TODO] + owing)
    done = numbers[Tab.DONE]
    shown[Tab.DONE] = f"{MOST_COUNTED - 1}+" if done >= MOST_COUNTED else str(done + owing)
    return shown


def _agencies(context: Context, principal: Principal) -> list[Text]:
    known = context.directory.current().agencies
    mine = {post.agency for post in principal.posts}
    return [agency.name for agency in known.values() if agency.id in mine]
