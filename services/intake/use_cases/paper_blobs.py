"""What papers are made of: their content as ciphertext in the blob store, its key sealed in our own rows."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping

from services.intake.domain import papers as rules
from services.intake.domain.papers import OnFile
from services.intake.persistence import papers as store
from services.intake.use_cases.context import Context
from services.intake.use_cases.paper_content import judged
from shared import ids
from shared.blobs import KEY_BYTES, Damaged, NoSuchBlob, lock, unlock
from shared.identity.compact import encode

KIND = "paper"
"""The kind of the keyed hash by which the same content is found again."""


class PaperLost(Exception):
    """The blob of a paper is gone or was changed."""


class Vanished(Exception):
    """A content that was there a moment ago has just been taken away; storing it anew succeeds."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A content that lies in the blob store; ``row`` is what has to be written down of it, if nothing is yet."""

    digest: bytes
    blob: str
    media: str
    size: int
    row: dict[str, Any] | None


def put(context: Context, content: bytes) -> Stored:
    """Judge a file and put what is kept of it into the store, where the same content lies once.

    Its row comes after, in ``keep``; hash and size are of what is kept.

    Raises:
        PaperRefused: it is no file that can be taken.
        BlobsAway: the store did not take it.
    """
    media, content = judged(content)
    sha256 = hashlib.sha256(content).hexdigest()
    digest = context.keyring.index.full(KIND, sha256)
    with context.database.read() as connection:
        known = store.by_digest(connection, digest)
    if known is not None:
        blob, key, row = known["id"], _key(context, known), None
    else:
        blob, key = ids.new(), os.urandom(KEY_BYTES)
        encrypt = context.keyring.fields.encrypt
        row = {
            "id": blob,
            "digest": digest,
            "content_key": encrypt("blobs", "content_key", blob, key),
            "sha256": encrypt("blobs", "sha256", blob, sha256),
            "media": media,
            "size": len(content),
            "stored_at": context.clock.now(),
        }
    # Asked also of what is known: a store that has lost something is healed by handing it in again.
    if row is not None or not context.blobs.has(blob):
        context.blobs.put(blob, lock(blob, content, key))
    return Stored(digest, blob, media, len(content), row)


def keep(connection: Connection, stored: Stored) -> str:
    """Write down what was put, in the transaction of its paper; gives the id of the blob that stands for it.

    That may be another one, if the same content was handed in at this very moment: ours is then nobody's, and swept.

    Raises:
        Vanished: the last paper of this content was removed at this very moment.
    """
    if stored.row is not None:
        store.add_blob(connection, stored.row)
    found = store.by_digest(connection, stored.digest, lock=True)
    if found is None:
        raise Vanished
    return str(found["id"])


def key_of(context: Context, connection: Connection, paper: OnFile) -> bytes:
    """Give the key of a paper's blob, to be read with ``fetch`` once the transaction is over."""
    return _key(context, store.blobs_of(connection, [paper.blob])[paper.blob])


def fetch(context: Context, blob: str, key: bytes) -> bytes:
    """Read and decrypt a blob.

    Raises:
        PaperLost: it is gone or was changed.
        BlobsAway: the store did not answer.
    """
    try:
        return unlock(blob, context.blobs.get(blob), key)
    except (NoSuchBlob, Damaged) as error:
        raise PaperLost(blob) from error


def in_packet(context: Context, connection: Connection, papers: Sequence[OnFile]) -> list[dict[str, Any]]:
    """Write papers as a packet names them, each with the key that opens it."""
    if not papers:
        return []
    rows = store.blobs_of(connection, {paper.blob for paper in papers})
    decrypt = context.keyring.fields.decrypt
    return [
        rules.in_packet(
            paper,
            sha256=decrypt("blobs", "sha256", paper.blob, rows[paper.blob]["sha256"]),
            content_key=encode(_key(context, rows[paper.blob])).decode(),
        )
        for paper in papers
    ]


def _key(context: Context, row: RowMapping) -> bytes:
    return context.keyring.fields.decrypt_bytes("blobs", "content_key", row["id"], row["content_key"])
