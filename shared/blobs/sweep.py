"""Removes blobs that no row names: what was written by a request that was killed before it committed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from shared.blobs.store import SHARDS, BlobsAway, BlobStore

GRACE = timedelta(hours=1)
"""A blob comes before its row: one that is younger may still be waiting for it."""

log = structlog.get_logger(__name__)


class OrphanSweep:
    """Goes through a store folder by folder, a few at each ``tick``, so that none lists millions at once.

    ``known`` gives which of some ids a row names; ``now`` the present moment.
    """

    def __init__(
        self,
        store: BlobStore,
        known: Callable[[Sequence[str]], set[str]],
        now: Callable[[], datetime],
        *,
        grace: timedelta = GRACE,
    ) -> None:
        self._store = store
        self._known = known
        self._now = now
        self._grace = grace
        self._shards = itertools.cycle(range(SHARDS))

    def tick(self, shards: int = 8) -> int:
        """Sweep the next folders; gives how many blobs were removed. A store that is away is waited for."""
        try:
            before = self._now() - self._grace
            removed = self._store.remove_unfinished(before)
            for shard in itertools.islice(self._shards, shards):
                removed += self._sweep(shard, before)
        except BlobsAway as error:
            log.warning("blobs.away", error=type(error.__cause__).__name__)
            return 0
        if removed:
            log.info("blobs.orphans-removed", count=removed)
        return removed

    def _sweep(self, shard: int, before: datetime) -> int:
        old = [blob for blob, written_at in self._store.written(shard) if written_at < before]
        known = self._known(old) if old else set()
        orphans = [blob for blob in old if blob not in known]
        for blob in orphans:
            self._store.delete(blob)
        return len(orphans)
