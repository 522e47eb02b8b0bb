"""The desk's pages of consents: on paper before and after filing, taken back as easily as given, and a no."""

from __future__ import annotations

import uuid
from typing import Any

import flask
from werkzeug.wrappers import Response

from services.intake.domain.breaches import Breach
from services.intake.domain.changes import CANCEL, EFFECTS, FREEZE
from services.intake.entrypoints import labels
from services.intake.entrypoints.consent_sheets import contact_sheet, sheets_of
from services.intake.entrypoints.errors import ERRORS
from services.intake.entrypoints.form import Form
from services.intake.entrypoints.pages_requests import LIST, SEE_OTHER
from services.intake.schemas.http import RefusedBody, refused_from
from services.intake.use_cases import read_requests
from services.intake.use_cases.context import Context
from services.intake.use_cases.refuse_consent import RefuseConsent, refuse_consent
from services.intake.use_cases.withdraw_consent import (
    WithdrawConsent,
    explain_withdrawal,
    withdraw_consent,
)
from shared.http.blueprint import read_form
from shared.http.idempotency import once_for
from shared.http.locale import language
from shared.http.policy import current_principal, permit
from shared.http.redirects import see_other

_REFUSED = RefusedBody()


def blueprint(context: Context) -> flask.Blueprint:
    """Make the desk's pages of consents."""
    pages = flask.Blueprint("consents", __name__, template_folder="../templates", url_prefix=LIST)

    @pages.get("/<uuid:request>/consents")
    @permit("consents.print")
    def printed(request: uuid.UUID) -> str:
        """Show the consents of a request on paper, to be signed or kept."""
        head, given = read_requests.read_consents(context, current_principal(), str(request))
        return _sheets(
            context,
            given,
            number=head["number"],
            back=f"{LIST}/{request}",
            person=head["person"]["name"],
            told=head["contact_consent"],
        )

    @pages.post("/new/consents")
    @permit("requests.file")
    def before_filing() -> str:
        """Show the consents of a form that is being filled in, on paper: nothing is filed before they are signed."""
        form = Form(flask.request.form, context.directory.current())
        body = form.body()
        given = [
            consent for consent in body["consents"] if consent.get("expires_on") and consent["programmes"]
        ]
        return _sheets(context, given, number="", back=None, person=body["person"].get("name", ""))

    @pages.get("/<uuid:request>/consents/<uuid:consent>/withdraw")
    @permit("consents.withdraw")
    def explain(request: uuid.UUID, consent: uuid.UUID) -> str:
        """Tell what follows from taking a consent back, before anybody confirms it."""
        explained = explain_withdrawal(context, current_principal(), str(request), str(consent))
        return _confirm(context, str(request), explained)

    @pages.post("/<uuid:request>/consents/<uuid:consent>/withdraw")
    @permit("consents.withdraw")
    def withdraw(request: uuid.UUID, consent: uuid.UUID) -> Response | tuple[str, int]:
        """Take a consent back."""
        there = f"{LIST}/{request}#consents"
        once = once_for(flask.request, SEE_OTHER, lambda _: {"location": there})
        command = WithdrawConsent(request=str(request), consent=str(consent))
        try:
            withdraw_consent(context, current_principal(), command, once=once)
        except Breach as error:
            problem = ERRORS[Breach](error)
            explained = explain_withdrawal(context, current_principal(), str(request), str(consent))
            return _confirm(context, str(request), explained, problem=problem), problem.status
        return see_other(there, "consent-withdrawn")

    @pages.post("/<uuid:request>/refusals")
    @permit("consents.refuse")
    def refuse(request: uuid.UUID) -> Response:
        """Write down that the person says no."""
        body = read_form(flask.request, _REFUSED)
        there = f"{LIST}/{request}#consents"
        once = once_for(flask.request, SEE_OTHER, lambda _: {"location": there})
        command = RefuseConsent(request=str(request), refused=refused_from(body))
        refuse_consent(context, current_principal(), command, once=once)
        return see_other(there, "consent-refused")

    return pages


def _sheets(
    context: Context,
    given: list[dict[str, Any]],
    *,
    number: str,
    back: str | None,
    person: str,
    told: dict[str, Any] | None = None,
) -> str:
    district = context.directory.current()
    own = [contact_sheet(told, district, language())] if told else []
    return flask.render_template(
        "intake/consents.html",
        number=number,
        back=back,
        person=person,
        sheets=[*sheets_of(given, district, language()), *own],
        effects=[EFFECTS[CANCEL], EFFECTS[FREEZE]],
        district=district,
        labels=labels,
    )


def _confirm(context: Context, request: str, explained: dict[str, Any], **more: Any) -> str:  # noqa: ANN401 - as drawn
    return flask.render_template(
        "intake/withdraw_consent.html",
        request_id=request,
        explained=explained,
        district=context.directory.current(),
        labels=labels,
        **more,
    )
