"""What of a request's papers is there and what is missing, leg by leg; and one paper opened, which is audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import NotThere, OutOfReach
from services.intake.domain.papers import MISSING, SLIP, OnFile, Wanted, in_answer, state_of
from services.intake.persistence import cases, rights
from services.intake.persistence import papers as store
from services.intake.persistence.papers import Earlier
from services.intake.use_cases import paper_blobs
from services.intake.use_cases.audited import audit
from services.intake.use_cases.case import Case, CaseLeg
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import held_case
from services.intake.use_cases.leg_papers import codes_of, line_of, wanted_of
from services.intake.use_cases.papers import AWAITING, OVER
from shared.blobs.files import ENDINGS
from shared.clock import local_date
from shared.directory import District
from shared.identity import Grant, Principal, allow
from shared.text import Text

SLIP_NAME = Text("单位书面答复扫描件", "Scan of an agency's answer on paper")


@dataclass(frozen=True, slots=True)
class OpenedPaper:
    """A paper that was opened: its content in the clear, shown once and kept nowhere; ``name`` is of no person."""

    content: bytes
    media: str
    name: str


def read_papers(context: Context, principal: Principal, request: str) -> dict[str, Any]:
    """Give the papers of a request, and the checklist of each of its legs.

    ``{items: [file], earlier: [file, with the number of its request], legs: [{id, programme, agency, status, papers:
    [{kind, name, required, state, asked, files, earlier}], missing: [kind], complete}]}``.

    Raises:
        Forbidden: no post of the principal allows it.
        NotThere: there is no such request within reach.
    """
    grant = allow(principal, "papers.read")
    district, now = context.directory.current(), context.clock.now()
    with context.database.unit_of_work() as uow:
        case = within(held_case(context, uow, request), grant)
        on_file = store.of(uow.connection, case.id)
        before = store.earlier(uow.connection, case.id_index, unit=case.unit, request=case.id)
        asked = {
            leg.id: cases.papers_asked_for(uow.connection, leg.id)
            for leg in case.legs
            if leg.status == AWAITING
        }
        audit(context, uow, principal, grant, "papers.listed", "request", case.id)
    listing = Listing(district, on_file, before)
    today = local_date(now, district.timezone)
    legs = [leg for leg in case.legs if leg.status not in OVER]
    return listing.files() | {
        "legs": [
            leg.brief
            | listing.checklist(
                leg.need.programme,
                case.kinds(leg.agency, leg.need.programme, today),
                line=line_of(case, leg.id),
                asked=_asked(district, leg, asked.get(leg.id, ())),
            )
            for leg in legs
        ]
    }


def open_paper(context: Context, principal: Principal, request: str, paper: str) -> OpenedPaper:
    """Decrypt one paper of a request; the audit line is written before anything is shown.

    Raises:
        Forbidden: no post of the principal allows it.
        NotThere: there is no such request or paper within reach.
        PaperLost: its content is gone or was changed.
        BlobsAway: the store did not answer.
        Breach: its person is to be erased, and it is only stored.
    """
    grant = allow(principal, "papers.open")
    with context.database.unit_of_work() as uow:
        case = within(held_case(context, uow, request), grant)
        if rights.approved(uow.connection, case.id):
            raise Breach("erasure-under-way")
        found = one_of(store.of(uow.connection, case.id), paper)
        key = paper_blobs.key_of(context, uow.connection, found)
        audit(
            context,
            uow,
            principal,
            grant,
            "paper.opened",
            "request",
            case.id,
            paper=found.id,
            kind=found.kind,
        )
    return opened(context, found, key)


def opened(context: Context, paper: OnFile, key: bytes) -> OpenedPaper:
    """Fetch the content of a paper; raises as ``open_paper``."""
    name = f"paper-{paper.id[-8:]}.{ENDINGS[paper.media]}"
    return OpenedPaper(paper_blobs.fetch(context, paper.blob, key), paper.media, name)


def one_of(on_file: Sequence[OnFile], paper: str) -> OnFile:
    """Find a paper; raises ``NotThere``."""
    for one in on_file:
        if one.id == paper:
            return one
    raise NotThere


def within(case: Case, grant: Grant) -> Case:
    """Give a case that a grant reaches; raises ``OutOfReach``."""
    if not grant.reaches(unit=case.unit, street=case.street):
        raise OutOfReach("request", case.id)
    return case


class Listing:
    """The files of one request or draft, as lists and checklists show them."""

    def __init__(
        self, district: District, on_file: Sequence[OnFile], earlier: Sequence[Earlier] = ()
    ) -> None:
        self._district = district
        self._on_file = on_file
        self._earlier = earlier

    def files(self) -> dict[str, Any]:
        """Show every file, and those of earlier requests that may be taken over."""
        names = {
            paper.id: paper.name
            for programme in self._district.programmes.values()
            for paper in programme.papers
        } | {SLIP: SLIP_NAME}

        def shown(paper: OnFile) -> dict[str, Any]:
            name = names.get(paper.kind, Text(paper.kind, paper.kind))
            return in_answer(paper) | {"name": name.both()}

        here = {(paper.kind, paper.blob) for paper in self._on_file}
        return {
            "items": [shown(paper) for paper in self._on_file],
            "earlier": [
                shown(one.paper) | {"number": one.number}
                for one in self._earlier
                if (one.paper.kind, one.paper.blob) not in here
            ],
        }

    def checklist(
        self,
        programme: str,
        kinds: frozenset[str],
        *,
        line: Sequence[str] = (),
        asked: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        """Show what a programme wants, under the data ``kinds`` consented to; ``asked`` its agency waits for now."""
        rows = [
            self._row(wanted, kinds, line, asked=wanted.kind in asked)
            for wanted in wanted_of(self._district, programme)
        ]
        missing = [
            row["kind"] for row in rows if row["state"] == MISSING and (row["required"] or row["asked"])
        ]
        return {"papers": rows, "missing": missing, "complete": not missing}

    def _row(
        self, wanted: Wanted, kinds: frozenset[str], line: Sequence[str], *, asked: bool
    ) -> dict[str, Any]:
        here = [paper for paper in self._on_file if paper.serves(line, (wanted.kind,))]
        earlier = [one.paper for one in self._earlier if one.paper.kind == wanted.kind]
        return {
            "kind": wanted.kind,
            "name": wanted.name.both(),
            "required": wanted.required,
            "asked": asked,
            "state": state_of(wanted, kinds, here, earlier),
            "files": [paper.id for paper in here],
            "earlier": [paper.id for paper in earlier],
        }


def _asked(district: District, leg: CaseLeg, codes: Sequence[str]) -> frozenset[str]:
    programme = district.programmes.get(leg.need.programme)
    known = codes_of(programme) if programme else {}
    return frozenset(kind for kind, code in known.items() if code in codes)
