"""The scan of an agency's answer on paper: taken in by the coordinator, opened by them and the agency, and audited."""

from __future__ import annotations

import os
from collections.abc import Sequence

from services.referrals.domain.errors import NoSuchReferral, PacketUnreadable
from services.referrals.domain.papers import PaperGone, papers_in
from services.referrals.domain.referral import Referral
from services.referrals.domain.slips import MOST_SLIPS, NoSuchSlip, Slip, TooManySlips
from services.referrals.persistence import referrals
from services.referrals.persistence import slips as store
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.papers import FetchedPaper, content_of
from services.referrals.use_cases.reaching import is_own, reaches
from services.referrals.use_cases.scans import HELP_DESK
from services.referrals.use_cases.words import refuse_own_key
from shared import ids
from shared.blobs import KEY_BYTES, Damaged, NoSuchBlob, OrphanSweep, lock, unlock
from shared.blobs.content import judged
from shared.blobs.files import ENDINGS
from shared.db import Once, UnitOfWork
from shared.identity import Grant, Principal, allow
from shared.sealing import CannotOpen


def add_slip(
    context: Context, principal: Principal, referral_id: str, content: bytes, *, once: Once | None = None
) -> Slip:
    """Take in a slip for one referral: its content into the blob store as ciphertext, its sealed key into our rows.

    Raises ``NoSuchReferral``, ``TooManySlips``, ``shared.blobs.files.FileRefused``, ``shared.blobs.BlobsAway``, or
    ``shared.identity.Forbidden``.
    """
    grant = allow(principal, "referrals.add-slip")
    with context.database.read() as connection:
        referral = referrals.load(connection, [referral_id]).get(referral_id)
    if referral is None or not reaches(grant, referral):
        raise NoSuchReferral(referral_id)
    media, kept = judged(content)
    key, now = os.urandom(KEY_BYTES), context.clock.now()
    slip = Slip(
        id=ids.new(),
        referral_id=referral_id,
        media=media,
        size=len(kept),
        added_at=now,
        added_by=principal.staff,
    )
    # The blob comes before its row: one whose row never comes is swept.
    context.slips.put(slip.id, lock(slip.id, kept, key))
    with context.database.unit_of_work(once=once) as uow:
        # Held, so that two at once do not both take the last place.
        referrals.load(uow.connection, [referral_id], lock=True)
        taken_in = [one for one in store.of(uow.connection, referral_id) if one.added_by != HELP_DESK]
        if len(taken_in) >= MOST_SLIPS:
            raise TooManySlips(referral_id)
        store.add(uow.connection, slip, context.keyring.fields.encrypt("slips", "content_key", slip.id, key))
        audit(context, uow, principal, grant, "slip.added", ("referral", referral_id), {"slip": slip.id})
        uow.result = slip
    return slip


def list_slips(context: Context, principal: Principal, referral_id: str) -> list[Slip]:
    """List the slips of a referral that the principal may open.

    Raises ``NoSuchReferral`` or ``shared.identity.Forbidden``.
    """
    grant = allow(principal, "referrals.open-slip")
    with context.database.unit_of_work() as uow:
        found = _openable(uow, principal, grant, _reached(uow, grant, referral_id))
        audit(context, uow, principal, grant, "slips.listed", ("referral", referral_id), {"rows": len(found)})
    return found


def open_slip(
    context: Context, principal: Principal, referral_id: str, slip_id: str, reason: str
) -> FetchedPaper:
    """Fetch one slip; the line of the audit log is written before anything is shown.

    Raises ``NoSuchReferral``, ``NoSuchSlip``, ``PaperGone``, ``shared.blobs.BlobsAway``,
    ``shared.identity.Forbidden``; and of the help desk's ``PacketUnreadable``, or ``KeyElsewhere`` where the agency's
    own system holds the key, which is told of it by event.
    """
    grant = allow(principal, "referrals.open-slip")
    with context.database.unit_of_work() as uow:
        referral = _reached(uow, grant, referral_id)
        found = _openable(uow, principal, grant, referral)
        slip = next((one for one in found if one.id == slip_id), None)
        if slip is None:
            raise NoSuchSlip(slip_id)
        if slip.added_by == HELP_DESK:
            refuse_own_key(referral, context.directory.current())
        sealed = store.key_of(uow.connection, slip.id)
        opened = {"slip": slip.id}
        audit(context, uow, principal, grant, "slip.opened", ("referral", referral_id), opened, reason=reason)
    name = f"slip.{ENDINGS[slip.media]}"
    if slip.added_by == HELP_DESK:
        return FetchedPaper(_sent(context, referral, sealed.decode()), slip.media, name)
    key = context.keyring.fields.decrypt_bytes("slips", "content_key", slip.id, sealed)
    try:
        content = unlock(slip.id, context.slips.get(slip.id), key)
    except (NoSuchBlob, Damaged) as error:
        raise PaperGone(slip.id) from error
    return FetchedPaper(content, slip.media, name)


def _sent(context: Context, referral: Referral, sealed: str) -> bytes:
    try:
        claims = context.keyring.open(sealed, referral.agency, "slip", referral.id)
    except CannotOpen as error:
        raise PacketUnreadable(error.reason) from error
    (scan,) = papers_in({"papers": [claims.body]})
    return content_of(context, scan)


def sweeper(context: Context) -> OrphanSweep:
    """Make what removes content that no row names: never written down, or forgotten with its referral."""

    def known(blobs: Sequence[str]) -> set[str]:
        with context.database.read() as connection:
            return store.known(connection, blobs)

    return OrphanSweep(context.slips, known, context.clock.now)


def _reached(uow: UnitOfWork, grant: Grant, referral_id: str) -> Referral:
    referral = referrals.load(uow.connection, [referral_id]).get(referral_id)
    if referral is None or not reaches(grant, referral):
        raise NoSuchReferral(referral_id)
    return referral


def _openable(uow: UnitOfWork, principal: Principal, grant: Grant, referral: Referral) -> list[Slip]:
    found = store.of(uow.connection, referral.id)
    return [slip for slip in found if _may_open(principal, grant, referral, slip)]


def _may_open(principal: Principal, grant: Grant, referral: Referral, slip: Slip) -> bool:
    # It is the agency's own answer; beside the agency, only whoever took it in has seen the paper anyway.
    return slip.added_by == principal.staff or is_own(grant, referral)
