"""Places as the desk sees them: the newest that referrals told, in whatever order; a warning where none is left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.intake.bootstrap import web
from services.intake.entrypoints.consumer import subscriptions
from services.intake.use_cases.capacities import list_capacities
from services.intake.use_cases.context import Context
from services.intake.use_cases.submit_request import submit_request
from shared.events import Event, example
from shared.identity import Forbidden
from shared.inbox import Receiver
from shared.messaging import Delivery
from tests.builders import MONDAY, a_command, a_principal
from tests.integration.intake.test_submit import HUT

TOLD = example("capacity.changed.v1")


def told(sequence: int, **figures: Any) -> Event:
    return replace(TOLD, id=TOLD.id[:-1] + str(sequence), sequence=sequence, data={**TOLD.data, **figures})


def receive(context: Context, *events: Event) -> None:
    receiver = Receiver(context.database, "intake", subscriptions(context))
    receiver(
        [
            Delivery(
                body=event.internal(),
                routing_key=event.routing_key,
                user_id="aid-referrals",
                redelivered=False,
                content_type="application/cloudevents+json",
                tag=1,
                queue="intake.events",
            )
            for event in events
        ]
    )


def jobs(context: Context) -> dict[str, Any]:
    return next(item for item in list_capacities(context, HUT) if item["programme"] == "pub-job")


def test_before_anything_is_told_the_districts_own_figures_are_shown(context: Context) -> None:
    assert jobs(context) == {
        "programme": "pub-job",
        "agency": "employment",
        "places": 40,
        "free": 40,
        "as_of": "2026-11-01",
        "waiting": 0,
    }
    assert {item["programme"] for item in list_capacities(context, HUT)} == {"pub-job", "train", "house"}


def test_the_newest_figures_are_shown(context: Context) -> None:
    receive(context, told(1, free=39), told(2, free=12, waiting=1, as_of="2026-11-20"))
    assert (jobs(context)["free"], jobs(context)["waiting"], jobs(context)["as_of"]) == (12, 1, "2026-11-20")
    receive(context, told(2, free=30))
    assert jobs(context)["free"] == 12, "told twice, counted once"


@pytest.mark.parametrize(("free", "waiting"), [(0, 0), (0, 3), (2, 2)])
def test_where_no_place_is_left_for_one_more_the_desk_is_warned_and_files_all_the_same(
    context: Context, free: int, waiting: int
) -> None:
    receive(context, told(1, free=free, waiting=waiting))
    filed = submit_request(context, HUT, a_command("pub-job", answers={"hard_to_employ": True}))
    (warning,) = filed["warnings"]
    assert (warning["code"], warning["field"]) == ("no-place-free", "legs.0.programme")
    assert f"{waiting} are waiting" in warning["messages"]["en"]
    assert ("no place free" in warning["messages"]["en"], "没有空余" in warning["messages"]["zh"]) == (
        free == 0,
        free == 0,
    )


def test_while_there_are_places_there_is_no_warning(context: Context) -> None:
    receive(context, told(1, free=3, waiting=2))
    assert (
        submit_request(context, HUT, a_command("pub-job", answers={"hard_to_employ": True}))["warnings"] == []
    )


def test_the_form_shows_the_places_where_the_help_is_chosen(context: Context) -> None:
    receive(context, told(1, free=7, waiting=2))
    token = context.keyring.tokens.sign(HUT, MONDAY)
    page = (
        web(context, public_url="http://127.0.0.1")
        .test_client()
        .get("/intake/requests/new", headers={"Authorization": f"Bearer {token}"})
    )
    assert "名额 40 个，空余 7 个（截至 2026-11-01）；轮候 2 人" in page.text


def test_who_serves_nobody_sees_no_places_here(context: Context) -> None:
    with pytest.raises(Forbidden):
        list_capacities(context, a_principal("grid"))
