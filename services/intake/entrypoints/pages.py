"""The front page and the desk's home: signing in, and a few numbers to begin with."""

from __future__ import annotations

import flask
from werkzeug.wrappers import Response

from services.intake.entrypoints import labels
from services.intake.use_cases.context import Context
from services.intake.use_cases.read_requests import ListRequests, count_requests, list_requests
from shared.http.policy import current_principal, maybe_principal, permit, public
from shared.http.redirects import safe_next
from shared.identity import Role

HOMES = (
    (Role.HUT, "/intake/"),
    (Role.SPECIALIST, "/intake/"),
    (Role.DESK, "/referrals/queue"),
    (Role.LEADER, "/referrals/queue"),
    (Role.COORDINATOR, "/referrals/board"),
    (Role.AUDITOR, "/intake/audit"),
)
"""Where a post's work begins, in the order in which several posts of one person count."""

OTHERS_HOME = "/intake/"
LATEST = 5
NUMBERS = ("submitted", "in-progress", "ended")


def blueprint(context: Context) -> flask.Blueprint:
    """Make the front page and the home of the desk."""
    pages = flask.Blueprint("home", __name__, template_folder="../templates")

    @pages.get("/")
    @public("whoever comes has not signed in yet")
    def front() -> str | Response:
        """Ask to sign in, or lead to the home of one's role."""
        following = safe_next(flask.request.args.get("next"))
        principal = maybe_principal()
        if principal is None:
            return flask.render_template(
                "intake/sign_in.html", username="", following=following, problem=None
            )
        if following != "/":
            return flask.redirect(following)
        return flask.redirect(next((path for role, path in HOMES if principal.holds(role)), OTHERS_HOME))

    @pages.get("/intake/")
    @permit("home.see")
    def home() -> str:
        """Show what is open at one's desk or street; others read what their post is for."""
        principal = current_principal()
        if not (principal.holds(Role.HUT) or principal.holds(Role.SPECIALIST)):
            return flask.render_template("intake/home_other.html")
        counts = count_requests(context, principal)
        district = context.directory.current()
        return flask.render_template(
            "intake/home.html",
            numbers=[(status, labels.REQUEST[status], counts.get(status, 0)) for status in NUMBERS],
            items=list_requests(context, principal, ListRequests(limit=LATEST))[:LATEST],
            may_file=principal.holds(Role.HUT),
            district=district,
            labels=labels,
        )

    return pages
