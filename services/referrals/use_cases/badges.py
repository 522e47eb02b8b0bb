"""The masked name and number that tell one row of a queue from the next, opened with the key the platform holds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import structlog

from shared.sealing import CannotOpen, Keyring
from shared.text import Text

log = structlog.get_logger(__name__)

REMEMBERED = 2000
"""Badges kept in memory at once; they are masked, and plain identity is never kept."""


@dataclass(frozen=True, slots=True)
class Badge:
    """A masked name (``张**``) and a masked number (``530103********1234``), either of which may be missing.

    ``programme`` is the id that the agency itself is to know, where the outward one says less; ``papers`` and ``steps``
    are then that programme's own, by the codes of the leg's rules, ``outcomes`` what each asks for; None where the
    rules say it all. ``flags`` are codes of what the agency should heed.
    """

    programme: str | None
    name: str | None
    id_number: str | None
    papers: Mapping[str, Text] | None = None
    steps: Mapping[str, Text] | None = None
    outcomes: Mapping[str, Sequence[str]] | None = None
    flags: Sequence[str] = ()


class Badges:
    """Opens badges and remembers the last ones by their sealed form, so that a resealed one is opened anew."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._known: OrderedDict[tuple[str, str], Badge] = OrderedDict()
        self._lock = Lock()

    def open(self, keyring: Keyring, agency: str, referral_id: str, sealed: str) -> Badge | None:
        """Open one badge; None when the key at hand does not open it, which is logged.

        A queue must not go dark because one row cannot be read.
        """
        key = (referral_id, sealed[-32:])
        with self._lock:
            badge = self._known.get(key)
            if badge is not None:
                self._known.move_to_end(key)
                return badge
        try:
            claims = keyring.open(sealed, agency, "badge", referral_id)
        except CannotOpen as error:
            log.warning("badge.unreadable", referral=referral_id, agency=agency, reason=error.reason)
            return None
        badge = _badge(claims.body)
        with self._lock:
            self._known[key] = badge
            while len(self._known) > self._remembered:
                self._known.popitem(last=False)
        return badge


def _badge(body: Mapping[str, Any]) -> Badge:
    return Badge(
        body.get("programme"),
        body.get("name"),
        body.get("id_number"),
        papers=_names(body.get("papers")),
        steps=_names(body.get("steps")),
        outcomes=body.get("outcomes"),
        flags=tuple(body.get("flags") or ()),
    )


def _names(listed: Sequence[Mapping[str, Any]] | None) -> Mapping[str, Text] | None:
    return None if listed is None else {one["id"]: Text(**one["name"]) for one in listed}
