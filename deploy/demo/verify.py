"""Whether what stands in the installation is what the demo's plan says: each leg, and the figures that add them up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from deploy.demo.desks import Planned
from deploy.submit.staff import principal
from services.referrals.domain.outcomes import GRANTING
from services.referrals.domain.referral import Referral
from services.referrals.persistence.tables import referrals as table
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.figure_views import WantedFigures
from services.referrals.use_cases.statistics import read_statistics
from shared.db import Database
from shared.directory import District
from shared.text import Text


class Differs(Exception):
    """Something is not as planned; ``texts`` say what, one each."""

    def __init__(self, texts: Sequence[Text]) -> None:
        super().__init__("; ".join(text.en for text in texts))
        self.texts = texts


def check(
    referrals: Context,
    accounts: Database,
    district: District,
    planned: Sequence[Planned],
    there: Mapping[str, Referral],
) -> None:
    """Compare legs and figures with the plan; what others have filed beside it may add to the figures.

    Raises ``Differs``.
    """
    wrong = [
        Text(
            f"转介 {referral.number}（{leg.leg.programme}）现为 {referral.status}，与计划不符。",
            f"Referral {referral.number} ({leg.leg.programme}) is {referral.status}, not as planned.",
        )
        for leg in planned
        if not leg.as_planned(referral := there[leg.id])
    ]
    received = Counter(district.outward_programme(leg.leg.programme) for leg in planned)
    granted = Counter(
        district.outward_programme(leg.leg.programme)
        for leg in planned
        if leg.leg.closed.get("outcome") in GRANTING
    )
    others = _programmes(referrals) - received
    figures = _figures(referrals, accounts, district)
    for programme, number in received.items():
        was_received, was_granted = figures.get(programme, (0, 0))
        told = ((was_received, number), (was_granted, granted[programme]))
        if any(is_ < should for is_, should in told) or (
            not others[programme] and any(is_ != should for is_, should in told)
        ):
            wrong.append(
                Text(
                    f"统计中 {programme} 收到 {was_received} 件、获准 {was_granted} 人，"
                    f"应为 {number} 件、{granted[programme]} 人。",
                    f"The figures of {programme} say {was_received} received and {was_granted} people granted "
                    f"instead of {number} and {granted[programme]}.",
                )
            )
    if wrong:
        raise Differs(wrong)


def _programmes(referrals: Context) -> Counter[str]:
    statement = sa.select(table.c.programme, sa.func.count().label("number")).group_by(table.c.programme)
    with referrals.database.read() as connection:
        return Counter({row.programme: row.number for row in connection.execute(statement)})


def _figures(referrals: Context, accounts: Database, district: District) -> dict[str, tuple[int, int]]:
    reader = next(
        member.id for member in district.staff if any(post.role == "coordinator" for post in member.posts)
    )
    view = read_statistics(referrals, principal(accounts, reader), WantedFigures())
    return {
        row.programme: (row.figures.received or 0, row.figures.granted_people or 0) for row in view.programmes
    }
