"""The page of a new request: one form, which works without JavaScript and keeps what was typed."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import flask
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from services.intake.domain.errors import InvalidFiling
from services.intake.domain.exclusions import Excluded
from services.intake.entrypoints import labels
from services.intake.entrypoints.errors import ERRORS
from services.intake.entrypoints.form import FOR_SOMEONE_ELSE, Form
from services.intake.entrypoints.pages_requests import LIST, SEE_OTHER
from services.intake.schemas.http import SubmitBody, to_submit
from services.intake.use_cases.capacities import places_now
from services.intake.use_cases.context import Context
from services.intake.use_cases.submit_request import submit_request
from shared.directory import District, Unit
from shared.http.blueprint import load
from shared.http.idempotency import once_for
from shared.http.policy import current_grant, current_principal, permit
from shared.http.problems import BadInput, Problem
from shared.http.redirects import see_other

BAD_INPUT, EXCLUDED = 422, 409
_SUBMIT = SubmitBody()


def blueprint(context: Context) -> flask.Blueprint:
    """Make the page of a new request."""
    pages = flask.Blueprint("filing", __name__, template_folder="../templates", url_prefix=LIST)

    @pages.get("/new")
    @permit("requests.file")
    def empty() -> str:
        """Show the empty form, with the community of one's own post chosen."""
        district = context.directory.current()
        values = MultiDict(
            {"person.residence": current_grant().post.unit or "", "expires_on": _in_a_year(context)}
        )
        return _page(context, Form(values, district))

    @pages.post("/new")
    @permit("requests.file")
    def send() -> str | Response | tuple[str, int]:
        """File the request, or show the form again: with the chosen programmes' fields, or with what is wrong."""
        form = Form(flask.request.form, context.directory.current())
        if form.get("step") == "fields":
            return _page(context, form)
        once = once_for(flask.request, SEE_OTHER, _location)
        try:
            filed = submit_request(
                context, current_principal(), to_submit(load(_SUBMIT, form.body())), once=once
            )
        except InvalidFiling as error:
            return _page(context, form, ERRORS[InvalidFiling](error)), BAD_INPUT
        except Excluded as error:
            return _page(context, form, ERRORS[Excluded](error)), EXCLUDED
        except BadInput as problem:
            return _page(context, form, problem), BAD_INPUT
        return see_other(_location(filed)["location"], "filed")

    return pages


def _location(filed: dict[str, Any]) -> dict[str, str]:
    codes = dict.fromkeys(warning["code"] for warning in filed["warnings"])
    hints = urlencode([("hint", code) for code in codes])
    return {"location": f"{LIST}/{filed['id']}{'?' + hints if hints else ''}"}


def _in_a_year(context: Context) -> str:
    district = context.directory.current()
    today = context.clock.now().astimezone(ZoneInfo(district.timezone)).date()
    months = int(district.options["consent"]["months"])
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    # The 28th is in every month: a consent that ends some days early hurts nobody.
    return date(year, month + 1, min(today.day, 28)).isoformat()


def _page(context: Context, form: Form, problem: Problem | None = None) -> str:
    district = form.district
    offered = [programme for programme in district.programmes.values() if programme.offered]
    return flask.render_template(
        "intake/new_request.html",
        form=form,
        problem=None if problem is None else form.errors_in(problem),
        district=district,
        chosen=form.chosen(),
        agencies=[
            (agency, [programme for programme in offered if programme.agency == agency.id], kinds)
            for agency in district.agencies.values()
            if (kinds := _kinds(district, agency.id))
        ],
        communities=[_community(district, unit) for unit in district.homes.values()],
        for_someone_else=FOR_SOMEONE_ELSE,
        places=places_now(context, district),
        labels=labels,
    )


def _kinds(district: District, agency: str) -> list[str]:
    """List the data kinds any offered programme of an agency asks for, identity first; it goes with every consent."""
    asked = {
        field.kind
        for programme in district.programmes.values()
        if programme.agency == agency and programme.offered
        for field in (
            *(district.person_fields[name] for name in programme.person_fields),
            *(district.fields[name] for name in programme.fields),
        )
    }
    return [kind for kind in district.data_kinds if kind in asked]


def _community(district: District, unit: Unit) -> tuple[str, str]:
    street = district.units.get(unit.parent or "") if unit.level == "community" else None
    return unit.code, f"{street.name} · {unit.name}" if street else unit.name
