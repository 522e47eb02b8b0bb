"""The blob store: files as ciphertext, in a folder or in S3, whole or not at all."""

from __future__ import annotations

from shared.blobs.cipher import KEY_BYTES, Damaged, lock, unlock
from shared.blobs.store import BadBlobsUrl, BlobsAway, BlobStore, NoSuchBlob
from shared.blobs.sweep import OrphanSweep

__all__ = [
    "KEY_BYTES",
    "BadBlobsUrl",
    "BlobStore",
    "BlobsAway",
    "Damaged",
    "NoSuchBlob",
    "OrphanSweep",
    "lock",
    "unlock",
]
