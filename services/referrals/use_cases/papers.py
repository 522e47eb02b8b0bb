"""An officer sees which papers came with a referral, and fetches one, for a reason; each time is audited."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from services.referrals.domain.errors import NoSuchReferral, PacketDeleted
from services.referrals.domain.keeping import has_deleted
from services.referrals.domain.papers import (
    NoSuchPaper,
    PacketPaper,
    PaperGone,
    PapersFrozen,
    find,
    papers_in,
)
from services.referrals.persistence import referrals
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.open_packet import open_packet
from services.referrals.use_cases.reaching import is_own
from services.referrals.use_cases.tell_opened import tell_opened
from shared.blobs import Damaged, NoSuchBlob, unlock
from shared.identity import Grant, Principal, allow
from shared.identity.compact import decode
from shared.text import Text

LOCKED = "application/octet-stream"
_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """One paper in a list; ``name`` as far as this agency's programmes have one for its kind."""

    paper: PacketPaper
    name: Text | None


@dataclass(frozen=True, slots=True)
class FetchedPaper:
    """A paper's content, shown once and kept nowhere; for an agency that holds its own key still locked."""

    content: bytes
    media: str
    name: str


def list_papers(context: Context, principal: Principal, referral_id: str, reason: str) -> list[ListedPaper]:
    """List the papers that the newest packet of a referral names: the packet is opened for it, and audited so.

    Raises as ``open_packet``.
    """
    body = open_packet(context, principal, referral_id, reason).body
    programmes = context.directory.current().programmes.values()
    names = {paper.id: paper.name for programme in programmes for paper in programme.papers}
    return [ListedPaper(paper, names.get(paper.kind)) for paper in papers_in(body)]


def fetch_paper(
    context: Context, principal: Principal, referral_id: str, which: str, reason: str
) -> FetchedPaper:
    """Fetch one paper of a referral of one's own agency; ``which`` is its place in the packet, from 1, or its id.

    An agency whose own system holds its key is given the ciphertext by its id, which only that system has read.

    Raises as ``open_packet``, and ``NoSuchPaper``, ``PapersFrozen``, ``PaperGone``, ``shared.blobs.BlobsAway``.
    """
    grant = allow(principal, "referrals.open-paper")
    with context.database.read() as connection:
        referral = referrals.load(connection, [referral_id]).get(referral_id)
    if referral is None or not is_own(grant, referral):
        raise NoSuchReferral(referral_id)
    if has_deleted(referral.life):
        raise PacketDeleted(referral_id)
    if referral.life.frozen is not None:
        raise PapersFrozen(referral_id)
    agency = context.directory.current().agencies.get(referral.agency)
    if agency is not None and agency.keys == "own":
        return _locked(context, principal, grant, referral_id, which, reason)
    paper = find(papers_in(open_packet(context, principal, referral_id, reason).body), which)
    _audit(context, principal, grant, referral_id, reason, paper.id)
    return FetchedPaper(
        content_of(context, paper), paper.media, f"paper-{paper.n}.{_ENDINGS.get(paper.media, 'bin')}"
    )


def content_of(context: Context, paper: PacketPaper) -> bytes:
    """Read and decrypt what the help desk has sent. Raises ``PaperGone`` or ``shared.blobs.BlobsAway``."""
    try:
        content = unlock(paper.id, context.blobs.get(paper.id), decode(paper.key.encode()))
    except (NoSuchBlob, Damaged) as error:
        raise PaperGone(paper.id) from error
    if hashlib.sha256(content).hexdigest() != paper.sha256:
        raise PaperGone(paper.id)
    return content


def _locked(
    context: Context, principal: Principal, grant: Grant, referral_id: str, which: str, reason: str
) -> FetchedPaper:
    # We cannot read which papers its packet names. Nobody else knows the id, and without the key it is noise.
    if _ID.fullmatch(which) is None:
        raise NoSuchPaper(which)
    _audit(context, principal, grant, referral_id, reason, which)
    try:
        return FetchedPaper(context.blobs.get(which), LOCKED, f"paper-{which[-8:]}.bin")
    except NoSuchBlob as error:
        raise NoSuchPaper(which) from error


def _audit(
    context: Context, principal: Principal, grant: Grant, referral_id: str, reason: str, paper: str
) -> None:
    # In a transaction of its own: that somebody reached for it stands there whether it could be fetched or not.
    with context.database.unit_of_work() as uow:
        opened = {"paper": paper}
        audit(
            context, uow, principal, grant, "paper.opened", ("referral", referral_id), opened, reason=reason
        )
        referral = referrals.load(uow.connection, [referral_id], lock=True)[referral_id]
        tell_opened(context, uow, referral, grant, "paper", at=context.clock.now(), reason=reason)
