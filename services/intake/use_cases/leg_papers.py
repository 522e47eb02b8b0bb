"""The papers on file as a leg's packet and the commands about it need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.intake.domain.filing import Need
from services.intake.persistence import cases
from services.intake.use_cases.case import CaseLeg
from services.intake.use_cases.deed import Deed
from shared.directory import Programme
from shared.directory.rules import numbered


def papers_for(
    _deed: Deed,
    _need: Need,
    _kinds: frozenset[str],
    *,
    leg: str | None,  # noqa: ARG001 - until papers are read
) -> Sequence[Mapping[str, Any]]:
    """Give the papers that go into the packet of a leg, or of one that takes the place of ``leg``."""
    return ()


def on_file(deed: Deed, leg: CaseLeg) -> frozenset[str]:
    """Give the kinds of paper that are there for a leg."""
    return cases.papers_of(deed.uow.connection, deed.case.id, leg.id)


def slip_of(deed: Deed, paper: str) -> str | None:
    """Give the id of a scanned slip that was uploaded to the request; None when there is none."""
    return paper if cases.has_paper(deed.uow.connection, deed.case.id, paper) else None


def codes_of(programme: Programme) -> dict[str, str]:
    """Give, for each kind of paper a programme lists, the code under which its agency asks for it."""
    kinds = [paper.id for paper in programme.papers]
    codes = numbered("paper", len(kinds)) if programme.clinical else kinds
    return dict(zip(kinds, codes, strict=True))
