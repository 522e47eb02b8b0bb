"""The papers on file as a leg's packet, its checklist and the commands about it need them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from services.intake.domain.breaches import Breach
from services.intake.domain.filing import Need
from services.intake.domain.papers import SLIP, OnFile, Wanted, of_leg
from services.intake.persistence import papers as store
from services.intake.use_cases.case import Case, CaseLeg
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Deed
from services.intake.use_cases.paper_blobs import in_packet
from services.intake.use_cases.seal_legs import PapersOf
from shared.directory import District, Programme
from shared.directory.rules import numbered
from shared.text import Text, listed


def wanted_of(district: District, programme: str) -> tuple[Wanted, ...]:
    """List the papers of a programme; one that the district no longer has wants none."""
    known = district.programmes.get(programme)
    return tuple(
        Wanted(
            kind=paper.id,
            name=paper.name,
            required=paper.required,
            by_hand=paper.by_hand,
            data_kind=paper.kind,
        )
        for paper in (known.papers if known else ())
    )


def papers_for(
    deed: Deed, need: Need, kinds: frozenset[str], *, leg: str | None
) -> Sequence[Mapping[str, Any]]:
    """Give the papers that go into the packet of a leg, or of one that takes the place of ``leg``."""
    connection = deed.uow.connection
    on_file = store.of(connection, deed.case.id)
    chosen = of_leg(line_of(deed.case, leg), wanted_of(deed.district, need.programme), kinds, on_file)
    return in_packet(deed.context, connection, chosen)


def papers_of_draft(context: Context, connection: Connection, district: District, draft: str) -> PapersOf:
    """Give what chooses, for each leg of a draft that is being filed, the papers handed in with it."""
    on_file = store.of(connection, draft)

    def choose(programme: str, kinds: frozenset[str]) -> Sequence[Mapping[str, Any]]:
        return in_packet(context, connection, of_leg((), wanted_of(district, programme), kinds, on_file))

    return choose


def line_of(case: Case, leg: str | None) -> tuple[str, ...]:
    """Give a leg and those before it in whose place it stands: what was handed in for them is for it, too."""
    before = {row["id"]: row["replaces"] for row in case.held.legs}
    line: list[str] = []
    while leg is not None and leg not in line:
        line.append(leg)
        leg = before.get(leg)
    return tuple(line)


def here_of(deed: Deed, leg: CaseLeg, on_file: Sequence[OnFile]) -> list[OnFile]:
    """Choose the files that the packet of a leg names under the consent of today."""
    kinds = deed.case.kinds(leg.agency, leg.need.programme, deed.today)
    wanted = wanted_of(deed.district, leg.need.programme)
    return of_leg(line_of(deed.case, leg.id), wanted, kinds, on_file)


def on_file(deed: Deed, leg: CaseLeg) -> frozenset[str]:
    """Give the kinds of paper that are there for a leg, and that its agency may see."""
    return frozenset(paper.kind for paper in here_of(deed, leg, store.of(deed.uow.connection, deed.case.id)))


def slip_of(deed: Deed, leg: CaseLeg, paper: str) -> str | None:
    """Give the id of an agency's scanned answer that was uploaded for a leg; None when there is none.

    Only a paper of that kind counts, and one that was uploaded for another leg says nothing about this one.
    """
    line = {None, *line_of(deed.case, leg.id)}
    found = store.of(deed.uow.connection, deed.case.id)
    slips = [one.id for one in found if one.kind == SLIP and one.leg in line]
    return paper if paper in slips else None


def scan_of(deed: Deed, leg: CaseLeg, slip: str) -> dict[str, Any]:
    """Give a slip as its agency alone can open it: ``{sealed, type, size}``, for the answer recorded by it.

    Raises ``Breach`` where an answer was recorded by it before, whichever leg's.
    """
    connection = deed.uow.connection
    if slip in store.slips_spent(connection, deed.case.id):
        raise Breach("slip-spent")
    paper = next(one for one in store.of(connection, deed.case.id) if one.id == slip)
    (body,) = in_packet(deed.context, connection, [paper])
    sealed = deed.context.keyring.seal(leg.agency, "intake", leg.id, "slip", body, now=deed.at)
    return {"sealed": sealed, "type": paper.media, "size": paper.size}


def kinds_of(district: District, kinds: Iterable[str]) -> Text:
    """Name data kinds as a consent does."""
    return listed(district.data_kinds.get(kind, Text(kind, kind)) for kind in dict.fromkeys(kinds))


def codes_of(programme: Programme) -> dict[str, str]:
    """Give, for each kind of paper a programme lists, the code under which its agency asks for it."""
    kinds = [paper.id for paper in programme.papers]
    codes = numbered("paper", len(kinds)) if programme.clinical else kinds
    return dict(zip(kinds, codes, strict=True))
