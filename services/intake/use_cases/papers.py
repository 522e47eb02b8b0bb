"""Papers of a request: handed in, taken over from an earlier one, taken away; each agency that may see them is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from services.intake.domain.errors import NotThere
from services.intake.domain.papers import (
    MOST_PER_LEG,
    SLIP,
    OnFile,
    PaperRefused,
    Wanted,
    covered,
    in_answer,
)
from services.intake.domain.request import ADD_PAPERS
from services.intake.persistence import papers as store
from services.intake.use_cases import paper_blobs
from services.intake.use_cases.case import CaseLeg
from services.intake.use_cases.context import Context
from services.intake.use_cases.correct import reseal
from services.intake.use_cases.deed import Change, Deed, changing
from services.intake.use_cases.filing_warnings import Hint
from services.intake.use_cases.leg_papers import kinds_of, line_of, wanted_of
from services.intake.use_cases.paper_blobs import Stored, Vanished
from services.intake.use_cases.paper_quota import hold_to_quota
from services.intake.use_cases.seal_legs import whose
from shared import ids
from shared.blobs import BlobsAway
from shared.db import Once
from shared.identity import Principal
from shared.text import Text, listed

PAPERS = "papers"
"""What has changed, as an agency is told it when a packet was sealed again for its papers."""
AWAITING = "awaiting-documents"
OVER = frozenset({"cancelled", "returned", "transferred"})
"""Statuses of legs for which no paper is wanted any more; a closed one may be reopened."""
SLIP_NAME = Text("书面答复扫描件", "scans of answers on paper")
NOT_COVERED = Text(
    "已保存，但对{agency}的同意不包括{kinds}，该单位看不到{papers}。请取得本人包含{kinds}的同意。",
    "Kept, but the consent for {agency} does not cover {kinds}, so it does not see {papers}. Take a wider one from the "
    "person that names {kinds} too.",
)
TRIES = 3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPaper:
    """One file to hand in: its kind (of the programmes' lists, or ``slip``), for one leg alone if one is named."""

    request: str
    kind: str
    content: bytes
    leg: str | None = None


def add_paper(
    context: Context, principal: Principal, command: AddPaper, *, once: Once | None = None
) -> dict[str, Any]:
    """Hand in a paper for every leg of a request that wants its kind, or for one; what is under way is sealed again.

    An agency that waits for papers gets them together, with ``supply``. Gives ``{id, number, status, version,
    paper_id, paper, legs, warnings}``: ``id`` is the request's, ``legs`` are those it is for, and the warnings name the
    agencies that do not get to see it.

    Raises:
        Forbidden, NotThere, IllegalStep, Breach: as ``changing``.
        PaperRefused: the file cannot be taken, no leg wants its kind, or a leg has as many as it may.
        BlobsAway: the blob store did not take it; nothing has changed.
        QuotaSpent: the principal has handed in as many today as anybody may.
    """
    hold_to_quota(context, principal)
    return patiently(context, command.content, lambda stored: _add(context, principal, command, stored, once))


def patiently(
    context: Context, content: bytes, write_down: Callable[[Stored], dict[str, Any]]
) -> dict[str, Any]:
    """Put a content and write it down; again, if the last paper of the same content was removed in between."""
    for _ in range(TRIES - 1):
        try:
            return write_down(paper_blobs.put(context, content))
        except Vanished:
            continue
    return write_down(paper_blobs.put(context, content))


def _add(
    context: Context, principal: Principal, command: AddPaper, stored: Stored, once: Once | None
) -> dict[str, Any]:
    with changing(context, principal, _change(command.request, "papers.add"), once=once) as deed:
        legs = _legs_for(deed, command.kind, command.leg)
        blob = paper_blobs.keep(deed.uow.connection, stored)
        on_file = store.of(deed.uow.connection, deed.case.id)
        paper = same(on_file, command.kind, command.leg, blob)
        if paper is None:
            _require_room(deed, command.kind, legs, on_file)
            paper = OnFile(
                id=ids.at(deed.at),
                request=deed.case.id,
                leg=command.leg,
                kind=command.kind,
                blob=blob,
                media=stored.media,
                size=stored.size,
                added_at=deed.at,
                added_by=deed.by.staff,
            )
            store.add(deed.uow.connection, [paper])
            deed.note("paper-added", detail={"paper": paper.id, "kind": paper.kind})
            _send(deed, legs, {paper.kind})
        deed.audit("paper.added", paper=paper.id, kind=paper.kind)
        deed.uow.result = deed.answer(
            {leg.id: leg for leg in legs},
            paper_id=paper.id,
            paper=in_answer(paper),
            warnings=not_covered(deed, legs, {paper.kind}),
        )
    answer: dict[str, Any] = deed.uow.result
    return answer


def reuse_papers(
    context: Context, principal: Principal, request: str, papers: Sequence[str], *, once: Once | None = None
) -> dict[str, Any]:
    """Take over what the person has handed in with earlier requests at the same unit, so that nobody asks twice.

    What an agency may see of it is decided by the consent for this request. Gives what ``add_paper`` gives, with
    ``papers`` in place of ``paper``.

    Raises:
        Forbidden, NotThere, IllegalStep, Breach: as ``changing``.
        PaperRefused: one is not among the earlier ones, no leg wants it, or a leg has as many as it may.
    """
    with changing(context, principal, _change(request, "papers.add"), once=once) as deed:
        case, connection = deed.case, deed.uow.connection
        found = {
            one.paper.id: one.paper
            for one in store.earlier(connection, case.id_index, unit=case.unit, request=case.id)
        }
        if not found.keys() >= set(papers):
            raise PaperRefused("paper-not-on-file")
        taken: list[OnFile] = []
        legs: dict[str, CaseLeg] = {}
        for paper in (found[name] for name in dict.fromkeys(papers)):
            on_file = store.of(connection, case.id)
            wanting = _legs_for(deed, paper.kind, None)
            legs |= {leg.id: leg for leg in wanting}
            known = same(on_file, paper.kind, None, paper.blob)
            taken.append(known or _take_over(deed, paper, wanting, on_file))
        kinds = {paper.kind for paper in taken}
        deed.note("papers-reused", detail={"papers": [paper.id for paper in taken], "kinds": sorted(kinds)})
        _send(deed, list(legs.values()), kinds)
        deed.audit("papers.reused", papers=[paper.id for paper in taken])
        deed.uow.result = deed.answer(
            legs,
            papers=[in_answer(paper) for paper in taken],
            warnings=not_covered(deed, list(legs.values()), kinds),
        )
    answer: dict[str, Any] = deed.uow.result
    return answer


def remove_paper(context: Context, principal: Principal, request: str, paper: str) -> None:
    """Take a paper away; the packets that named it are sealed again without it, and its content is deleted.

    Content that was handed in elsewhere, too, stays there.

    Raises:
        Forbidden, NotThere, IllegalStep, Breach: as ``changing``.
        PaperRefused: an agency's answer was recorded by it.
    """
    with changing(context, principal, _change(request, "papers.remove")) as deed:
        connection = deed.uow.connection
        found = next((one for one in store.of(connection, deed.case.id) if one.id == paper), None)
        if found is None:
            raise NotThere
        if found.id in store.slips_recorded(connection, deed.case.id):
            raise PaperRefused("paper-is-evidence")
        gone = store.remove(connection, [found])
        deed.note("paper-removed", detail={"paper": found.id, "kind": found.kind})
        legs = [leg for leg in deed.case.legs if _wants(deed, leg, found.kind, found.leg)]
        _send(deed, legs, {found.kind}, at_once=True)
        deed.audit("paper.removed", paper=found.id, kind=found.kind)
    delete(context, gone)


def delete(context: Context, blobs: Sequence[str]) -> None:
    """Delete blobs that no row names any more; what the store does not let go of now, the sweep will."""
    for blob in blobs:
        try:
            context.blobs.delete(blob)
        except BlobsAway:
            log.warning("blobs.left-to-the-sweep", blob=blob)


def same(on_file: Sequence[OnFile], kind: str, leg: str | None, blob: str) -> OnFile | None:
    """Find what was handed in already: the same content, as the same kind of paper, for the same leg."""
    return next((one for one in on_file if (one.kind, one.leg, one.blob) == (kind, leg, blob)), None)


def not_covered(deed: Deed, legs: Sequence[CaseLeg], kinds: set[str]) -> list[Hint]:
    """Warn of each leg whose agency would not see a kind of paper under the consent of today."""
    warnings: list[Hint] = []
    for leg in legs:
        consented = deed.case.kinds(leg.agency, leg.need.programme, deed.today)
        unseen = [
            one
            for one in wanted_of(deed.district, leg.need.programme)
            if one.kind in kinds and not one.by_hand and not covered(one, consented)
        ]
        if not consented or not unseen:
            continue
        agency = deed.district.agencies[leg.agency].name
        papers = listed(one.name for one in unseen)
        data = kinds_of(deed.district, (one.data_kind for one in unseen))
        told = NOT_COVERED.format(agency=agency, papers=papers, kinds=data)
        warnings.append({"code": "paper-not-covered", "field": "kind", "messages": told.both()})
    return warnings


def _change(request: str, action: str) -> Change:
    return Change(request=request, action=action, step=ADD_PAPERS)


def _take_over(deed: Deed, paper: OnFile, legs: Sequence[CaseLeg], on_file: Sequence[OnFile]) -> OnFile:
    _require_room(deed, paper.kind, legs, on_file)
    taken = replace(
        paper,
        id=ids.at(deed.at),
        request=deed.case.id,
        added_at=deed.at,
        added_by=deed.by.staff,
        taken_from=paper.request,
    )
    store.add(deed.uow.connection, [taken])
    return taken


def _legs_for(deed: Deed, kind: str, only: str | None) -> list[CaseLeg]:
    legs = [leg for leg in deed.case.legs if leg.status not in OVER and only in {None, leg.id}]
    if only is not None and not legs:
        raise PaperRefused("paper-no-such-leg")
    if kind == SLIP:
        return legs if only is not None else []
    by_leg = {leg.id: wanted_of(deed.district, leg.need.programme) for leg in legs}
    require_wanted(kind, [wanted for its in by_leg.values() for wanted in its])
    return [leg for leg in legs if any(one.kind == kind and not one.by_hand for one in by_leg[leg.id])]


def require_wanted(kind: str, lists: Sequence[Wanted]) -> None:
    """Object to a kind of paper that no programme lists, or that goes to the agency by hand."""
    if any(one.kind == kind and not one.by_hand for one in lists):
        return
    if any(one.kind == kind for one in lists):
        raise PaperRefused("paper-by-hand")
    kinds = {one.kind: one.name for one in lists if not one.by_hand}
    zh = "、".join(f"{name.zh}（{kind}）" for kind, name in kinds.items())
    en = ", ".join(f"{name.en} ({kind})" for kind, name in kinds.items())
    raise PaperRefused("paper-not-wanted", kinds=Text(zh or "–", en or "–"))


def _require_room(deed: Deed, kind: str, legs: Sequence[CaseLeg], on_file: Sequence[OnFile]) -> None:
    if kind == SLIP and sum(one.kind == SLIP for one in on_file) >= MOST_PER_LEG:
        raise PaperRefused("too-many-papers", programme=SLIP_NAME, most=MOST_PER_LEG)
    for leg in legs:
        kinds = [one.kind for one in wanted_of(deed.district, leg.need.programme)]
        line = line_of(deed.case, leg.id)
        if sum(one.serves(line, kinds) for one in on_file) >= MOST_PER_LEG:
            name = deed.district.programmes[leg.need.programme].name
            raise PaperRefused("too-many-papers", programme=name, most=MOST_PER_LEG)


def _wants(deed: Deed, leg: CaseLeg, kind: str, only: str | None) -> bool:
    kinds = [one.kind for one in wanted_of(deed.district, leg.need.programme)]
    return kind in kinds and (only is None or only in line_of(deed.case, leg.id))


def _send(deed: Deed, legs: Sequence[CaseLeg], kinds: set[str], *, at_once: bool = False) -> None:
    """Seal again what is under way; an agency that waits for papers is sent them by ``supply``, unless ``at_once``."""
    subject = whose(deed.case.person, deed.case.answers)
    for leg in legs:
        if leg.ended or leg.frozen or leg.cancelling or (leg.status == AWAITING and not at_once):
            continue
        consented = deed.case.kinds(leg.agency, leg.need.programme, deed.today)
        listed = wanted_of(deed.district, leg.need.programme)
        if any(one.kind in kinds and not one.by_hand and covered(one, consented) for one in listed):
            reseal(deed, subject, leg, consented, [PAPERS])
