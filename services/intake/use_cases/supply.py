"""Whether the papers an agency has asked for are there: uploaded, or handed to it from hand to hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.intake.domain.breaches import Breach
from services.intake.domain.papers import covered_by
from services.intake.persistence import cases
from services.intake.use_cases.case import CaseLeg
from services.intake.use_cases.correct import seal_again
from services.intake.use_cases.deed import Deed, require_sendable
from services.intake.use_cases.filing_warnings import Hint
from services.intake.use_cases.leg_papers import codes_of, kinds_of, on_file
from services.intake.use_cases.seal_legs import whose
from shared.directory import Paper
from shared.text import Text, listed

AWAITING = "awaiting-documents"

BY_HAND = Text(
    "以下材料不经过本系统，请确认已由本人或监护人直接交给受理单位：{papers}。",
    "These do not go through here; make sure that the person or the guardian has handed them to the agency directly: "
    "{papers}.",
)


@dataclass(frozen=True, slots=True)
class Supplied:
    """What the command carries (``data``), what the history keeps (``detail``), and what the desk should know."""

    data: Mapping[str, Any]
    detail: Mapping[str, Any]
    warnings: Sequence[Hint]


def supplied(deed: Deed, leg: CaseLeg, handed_over: Collection[str]) -> Supplied:
    """Gather the papers a leg's agency waits for, in a packet sealed again with them.

    ``handed_over`` names those of which the desk says that the agency has them directly. What goes from hand to hand
    is never asked for as a file: of those that are not named the desk is reminded.

    Raises:
        Breach: the agency waits for nothing, nothing may be sent to it, a paper has not been uploaded, or the consent
            would not let the agency see it.
    """
    if leg.status != AWAITING:
        raise Breach("papers-not-wanted")
    kinds = require_sendable(deed, leg)
    programme = deed.district.programmes[leg.need.programme]
    outward = codes_of(programme)
    asked = cases.papers_asked_for(deed.uow.connection, leg.id)
    wanted = [paper for paper in programme.papers if outward[paper.id] in asked]
    here = on_file(deed, leg)
    missing = [paper for paper in wanted if paper.id not in here and not paper.by_hand]
    if unseen := [paper for paper in missing if not covered_by(kinds, paper.kind)]:
        raise Breach(
            "papers-not-covered",
            agency=deed.district.agencies[leg.agency].name,
            papers=names_of(unseen),
            kinds=kinds_of(deed.district, (paper.kind for paper in unseen)),
        )
    if missing:
        raise Breach("papers-missing", papers=names_of(missing))
    by_hand = [paper for paper in wanted if paper.by_hand]
    detail = {"papers": [paper.id for paper in wanted]}
    if by_hand:
        detail["by_hand"] = [paper.id for paper in by_hand]
    sealed = seal_again(deed, whose(deed.case.person, deed.case.answers), leg, kinds)
    # All that was asked for, also what the programme does not list: nobody could ever upload it.
    return Supplied({"papers": list(asked), **sealed}, detail, _reminders(by_hand, handed_over))


def names_of(papers: Sequence[Paper]) -> Text:
    """Name papers as people say them."""
    return listed(paper.name for paper in papers)


def _reminders(by_hand: Sequence[Paper], handed_over: Collection[str]) -> list[Hint]:
    unsaid = [paper for paper in by_hand if paper.id not in handed_over]
    if not unsaid:
        return []
    told = BY_HAND.format(papers=names_of(unsaid))
    return [{"code": "papers-by-hand", "field": "papers", "messages": told.both()}]
