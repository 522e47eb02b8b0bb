"""What the desk hands on with the legs of somebody registered elsewhere, on screen and on paper."""

from __future__ import annotations

import flask
import pytest

from services.intake.bootstrap import web
from services.intake.use_cases.context import Context
from services.intake.use_cases.submit_request import submit_request
from tests.builders import OTHER_UNIT, a_command, a_person, a_principal


@pytest.fixture
def app(context: Context) -> flask.Flask:
    """The web of intake."""
    return web(context, public_url="http://127.0.0.1")


def page(app: flask.Flask, context: Context, path: str, unit: str | None = None) -> tuple[int, str]:
    """Read a page as somebody at a desk."""
    principal = a_principal("hut", unit=unit)
    token = context.keyring.tokens.sign(principal, context.clock.now())
    answer = app.test_client().get(
        path, headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    )
    return answer.status_code, answer.get_data(as_text=True)


def file(context: Context, registered: str) -> str:
    """File a request of two legs for somebody registered there."""
    person = a_person(household_registration=registered, name="李秀英")
    return str(submit_request(context, a_principal(), a_command("dibao", "pension", person=person))["id"])


def test_the_note_is_one_sheet_for_each_leg_that_goes_by_registration(
    app: flask.Flask, context: Context
) -> None:
    request = file(context, "110101")
    status, shown = page(app, context, f"/intake/requests/{request}")
    assert status == 200
    assert f"/intake/requests/{request}/hand-over" in shown
    assert "Answers for it now" in shown
    status, sheet = page(app, context, f"/intake/requests/{request}/hand-over")
    assert (status, sheet.count("110101（") + sheet.count("Registered elsewhere (110101)")) == (200, 1)
    assert "李秀英" in sheet


def test_who_is_registered_here_needs_none(app: flask.Flask, context: Context) -> None:
    request = file(context, "530103")
    assert "/hand-over" not in page(app, context, f"/intake/requests/{request}")[1]
    status, sheet = page(app, context, f"/intake/requests/{request}/hand-over")
    assert (status, "No leg of this request needs a hand-over note." in sheet) == (200, True)


def test_a_neighbours_note_is_a_page_that_is_not_there(app: flask.Flask, context: Context) -> None:
    request = file(context, "110101")
    assert page(app, context, f"/intake/requests/{request}/hand-over", unit=OTHER_UNIT)[0] == 404
