"""The code's own filters of rows, to be switched off, and all that somebody is shown with them and without."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from services.intake.domain.tasks import HUT, SPECIALIST
from services.intake.persistence import drafts as of_drafts
from services.intake.persistence import queries as of_requests
from services.intake.persistence import reach as of_intake
from services.intake.persistence import tasks as of_tasks
from services.intake.persistence.tables import tasks
from services.notifications.persistence import reach as of_notifications
from services.notifications.use_cases import read as reading_messages
from services.referrals.persistence import filters, queries
from services.referrals.persistence import reach as of_referrals
from services.referrals.use_cases import reaching
from shared.db.policies import Limited
from shared.identity import Grant
from tests.builders import STREET
from tests.integration.policy.operations import Operation
from tests.integration.policy.seats import SPOTS, Seat
from tests.integration.policy.test_lists import ONCE, a_list, shown
from tests.integration.policy.test_matrix import foreign, told
from tests.integration.policy.world import AGENCIES, HERE, THERE, World

LIMITED: Mapping[str, tuple[Limited, ...]] = {
    "intake": of_intake.POLICIES,
    "referrals": of_referrals.POLICIES,
    "notifications": of_notifications.POLICIES,
}
CAPACITIES = "/referrals/api/v1/capacities"
"""With the filter off, every programme has a waiting line there, and it is empty for all but one's own."""
NOT_LIMITED: Mapping[str, frozenset[str]] = {
    "notifications": frozenset(),
    "referrals": frozenset(
        {
            # Whose turn it is on a waiting list; who it is stands in referrals, which is limited.
            "waiting",
            # Sums and what they are made of: by month, programme and place, of people who are counted and not named.
            "figure_backlog",
            "figure_deltas",
            "figure_people",
            "figure_shown",
            "figure_withheld",
            "figures",
            # Places of programmes, which whoever sends people there may know.
            "capacities",
        }
    ),
    "intake": frozenset(
        {
            # Ciphertext by its content, which desks share without knowing: keys are sealed, and papers say whose it is.
            "blobs",
            "number_blocks",
            # Who signs in, which is found out before there is a reach.
            "clients",
            "delegations",
            "identities",
            "second_factors",
            "sessions",
            "sign_in_tries",
            "staff",
            "capacities",
        }
    ),
}


def switch_off(patch: pytest.MonkeyPatch) -> None:
    """Let every filter of the code that says whose a row is say that it is everybody's."""
    patch.setattr(Grant, "reaches", lambda *_, **__: True)
    originals = {
        filters.reached: lambda *_: [],
        reaching.reaches: lambda *_: True,
        reaching.is_own: lambda *_: True,
    }
    for name, module in list(sys.modules.items()):
        if name.startswith("services.referrals."):
            for known, instead in originals.items():
                if getattr(module, known.__name__, None) is known:
                    patch.setattr(module, known.__name__, instead)
    found = queries.candidates
    every = frozenset(AGENCIES.values())
    patch.setattr(
        queries,
        "candidates",
        lambda connection, **asked: found(connection, **{**asked, "agencies": every}),
    )
    _switch_off_intake(patch)
    boxes = [f"{role}:{agency}" for role in ("desk", "leader") for agency in AGENCIES.values()]
    boxes += [f"hut:{place}" for place in (HERE, THERE)] + [f"desk:civil-affairs@{STREET}", "coordinator"]
    patch.setattr(reading_messages, "inboxes", SimpleNamespace(of_person=lambda *_: boxes))


def all_shown(world: World, seat: Seat, reads: list[Operation]) -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {}
    numbers = [*world.said[THERE], world.filed[THERE]["number"], world.filed[THERE]["receipt_code"]]
    numbers += [world.referral(world.leg_at(spot.place, spot.agency)).number for spot in SPOTS]
    for operation in reads:
        if operation.path.startswith("/intake") and not operation.allows(seat.role):
            continue
        if a_list(operation):
            asked_for = {"q": numbers, "agency": [*AGENCIES.values()], "unit": [THERE], "limit": ["100"]}
            for query in [{}, *({name: one} for name, values in asked_for.items() for one in values)]:
                if query.keys() <= operation.queries.keys():
                    given = {**operation.query, **query}
                    found[operation.name, str(given)] = shown(world, seat, operation, given)
        else:
            for asked, _, _ in foreign(world, seat, operation):
                status, text, _ = told(world, seat, operation, asked)
                found[operation.name, str(asked)] = status, ONCE.sub(b"", text)
    return found


def _switch_off_intake(patch: pytest.MonkeyPatch) -> None:
    drafts = of_drafts.page

    def of_post(post: Any, desks: Any) -> sa.ColumnElement[bool]:
        # The street has its desks' lists in reach: where nobody is left at one, what it has to do is the street's.
        return tasks.c.role != HUT if post.role == SPECIALIST else sa.true()

    patch.setattr(of_requests, "within", lambda *_: sa.true())
    patch.setattr(of_drafts, "page", lambda connection, _, **more: drafts(connection, [HERE, THERE], **more))
    patch.setattr(of_tasks, "_of_post", of_post)
    patch.setattr(of_tasks, "is_of", lambda *_: True)
