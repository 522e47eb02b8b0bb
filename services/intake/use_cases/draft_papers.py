"""Papers handed in before a request is filed: they lie with the draft, and go into its legs' first packets."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import RowMapping

from services.intake.domain.consents import INDISPENSABLE
from services.intake.domain.drafts import Body
from services.intake.domain.errors import NotThere, OutOfReach
from services.intake.domain.papers import MOST_PER_LEG, OnFile, PaperRefused, in_answer
from services.intake.persistence import drafts as drafts_store
from services.intake.persistence import papers as store
from services.intake.use_cases import paper_blobs
from services.intake.use_cases.audited import audit
from services.intake.use_cases.context import Context
from services.intake.use_cases.draft_views import opened as body_of
from services.intake.use_cases.leg_papers import wanted_of
from services.intake.use_cases.missing import missing
from services.intake.use_cases.paper_blobs import Stored
from services.intake.use_cases.paper_quota import hold_to_quota
from services.intake.use_cases.papers import AddPaper, delete, patiently, require_wanted, same
from services.intake.use_cases.read_papers import Listing, OpenedPaper, one_of, opened
from shared import ids
from shared.db import Once, UnitOfWork
from shared.directory import District
from shared.identity import Grant, Principal, allow


def add_draft_paper(
    context: Context, principal: Principal, command: AddPaper, *, once: Once | None = None
) -> dict[str, Any]:
    """Hand in a paper with a draft: ``command.request`` is the draft, whose legs have no ids yet. Gives ``{paper}``.

    Raises:
        Forbidden: no post of the principal allows it.
        NotThere: there is no such draft within reach.
        PaperRefused: the file cannot be taken, no leg wants its kind, or a leg has as many as it may.
        BlobsAway: the blob store did not take it; nothing has changed.
        QuotaSpent: the principal has handed in as many today as anybody may.
    """
    if command.leg is not None:
        raise PaperRefused("paper-no-such-leg")
    hold_to_quota(context, principal)
    return patiently(context, command.content, lambda stored: _add(context, principal, command, stored, once))


def _add(
    context: Context, principal: Principal, command: AddPaper, stored: Stored, once: Once | None
) -> dict[str, Any]:
    with _held(context, principal, "papers.add", command.request, once=once) as (uow, row, grant):
        district, now = context.directory.current(), context.clock.now()
        wanted = {name: wanted_of(district, name) for name in _programmes(body_of(context, row))}
        require_wanted(command.kind, [one for its in wanted.values() for one in its])
        blob = paper_blobs.keep(uow.connection, stored)
        on_file = store.of(uow.connection, row["id"])
        paper = same(on_file, command.kind, None, blob)
        if paper is None:
            for programme, its in wanted.items():
                kinds = [one.kind for one in its]
                if command.kind in kinds and sum(one.serves((), kinds) for one in on_file) >= MOST_PER_LEG:
                    name = district.programmes[programme].name
                    raise PaperRefused("too-many-papers", programme=name, most=MOST_PER_LEG)
            paper = OnFile(
                id=ids.at(now),
                request=row["id"],
                leg=None,
                kind=command.kind,
                blob=blob,
                media=stored.media,
                size=stored.size,
                added_at=now,
                added_by=principal.staff,
            )
            store.add(uow.connection, [paper])
        audit(
            context,
            uow,
            principal,
            grant,
            "paper.added",
            "draft",
            paper.request,
            paper=paper.id,
            kind=paper.kind,
        )
        uow.result = {"paper": in_answer(paper)}
    answer: dict[str, Any] = uow.result
    return answer


def read_draft_papers(context: Context, principal: Principal, draft: str) -> dict[str, Any]:
    """Give the papers of a draft, and a checklist for each programme in it, in the shape of ``read_papers``.

    Raises:
        Forbidden: no post of the principal allows it.
        NotThere: there is no such draft within reach.
    """
    district = context.directory.current()
    with _held(context, principal, "papers.read", draft) as (uow, row, grant):
        body = body_of(context, row)
        listing = Listing(district, store.of(uow.connection, row["id"]))
        audit(context, uow, principal, grant, "papers.listed", "draft", row["id"])
    return listing.files() | {
        "legs": [
            {"programme": name} | listing.checklist(name, _consented(district, body, name))
            for name in _programmes(body)
            if name in district.programmes
        ]
    }


def open_draft_paper(context: Context, principal: Principal, draft: str, paper: str) -> OpenedPaper:
    """Decrypt one paper of a draft; raises as ``read_papers.open_paper``."""
    with _held(context, principal, "papers.open", draft) as (uow, row, grant):
        found = one_of(store.of(uow.connection, row["id"]), paper)
        key = paper_blobs.key_of(context, uow.connection, found)
        audit(
            context,
            uow,
            principal,
            grant,
            "paper.opened",
            "draft",
            found.request,
            paper=found.id,
            kind=found.kind,
        )
    return opened(context, found, key)


def remove_draft_paper(context: Context, principal: Principal, draft: str, paper: str) -> None:
    """Take a paper of a draft away; content that was handed in elsewhere, too, stays there.

    Raises:
        Forbidden: no post of the principal allows it.
        NotThere: there is no such draft or paper within reach.
    """
    with _held(context, principal, "papers.remove", draft) as (uow, row, grant):
        found = one_of(store.of(uow.connection, row["id"]), paper)
        gone = store.remove(uow.connection, [found])
        audit(
            context,
            uow,
            principal,
            grant,
            "paper.removed",
            "draft",
            found.request,
            paper=found.id,
            kind=found.kind,
        )
    delete(context, gone)


@contextmanager
def _held(
    context: Context, principal: Principal, action: str, draft: str, *, once: Once | None = None
) -> Iterator[tuple[UnitOfWork, RowMapping, Grant]]:
    grant = allow(principal, action)
    try:
        wanted = str(uuid.UUID(draft))
    except ValueError as error:
        raise NotThere from error
    with context.database.unit_of_work(once=once) as uow:
        # Held, so that it is not filed while a paper of it comes or goes.
        row = drafts_store.lock(uow.connection, wanted)
        if row is None:
            raise missing(uow.connection, "draft", wanted)
        if not grant.reaches(unit=row["unit"]):
            raise OutOfReach("draft", wanted)
        yield uow, row, grant


def _programmes(body: Body) -> list[str]:
    listed = [leg.get("programme") for leg in body.get("legs") or ()]
    return list(dict.fromkeys(name for name in listed if name))


def _consented(district: District, body: Body, programme: str) -> frozenset[str]:
    kinds: frozenset[str] = frozenset()
    for consent in body.get("consents") or ():
        named = consent.get("agency") == district.programmes[programme].agency
        if named and programme in (consent.get("programmes") or ()):
            kinds |= frozenset(consent.get("data_kinds") or ())
    return kinds if INDISPENSABLE in kinds else frozenset()
