"""Papers as a packet names them, and what keeps an agency from fetching one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.referrals.domain.errors import ReferralError


class NoSuchPaper(ReferralError):
    """The newest packet names no such paper."""


class PapersFrozen(ReferralError):
    """The person has withdrawn the consent: nothing more is handed out."""


class PaperGone(ReferralError):
    """The packet names it, but its content was taken back or is damaged."""


@dataclass(frozen=True, slots=True)
class PacketPaper:
    """One paper of a packet: ``n`` is its place there, from 1; ``id`` names its blob, ``key`` opens it.

    ``sha256`` (hexadecimal), ``media`` and ``size`` (bytes) are of the content.
    """

    n: int
    id: str
    kind: str
    sha256: str
    key: str = field(repr=False)
    media: str
    size: int


def papers_in(body: Mapping[str, Any]) -> list[PacketPaper]:
    """Read the papers of an opened packet."""
    return [
        PacketPaper(
            n=place,
            id=paper["id"],
            kind=paper["kind"],
            sha256=paper["sha256"],
            key=paper["content_key"],
            media=paper["type"],
            size=paper["size"],
        )
        for place, paper in enumerate(body.get("papers", ()), start=1)
    ]


def find(papers: Sequence[PacketPaper], which: str) -> PacketPaper:
    """Find a paper by its place or its id; raises ``NoSuchPaper``."""
    for paper in papers:
        if which in {str(paper.n), paper.id}:
            return paper
    raise NoSuchPaper(which)
