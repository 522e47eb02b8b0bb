"""Papers handed in at the desk: what may be one, which legs it serves, and what is still missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.intake.domain.consents import INDISPENSABLE
from shared.blobs.files import CONFLICT, FILE_REFUSALS, UNPROCESSABLE
from shared.text import Text

MOST_PER_LEG = 20
"""Files that one leg's packet may name."""

SLIP = "slip"
"""The kind of an agency's answer on paper, by which it is recorded on its behalf: of no packet."""


class PaperRefused(Exception):
    """A file cannot be taken; ``code`` is one of ``REFUSALS``, ``field`` what has to be changed.

    ``values`` fill the places of its sentence; a ``Text`` is told in the reader's language.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.field, self.status, words = REFUSALS[code]
        self.text = words.format(**values)


REFUSALS: Mapping[str, tuple[str, int, Text]] = {
    **FILE_REFUSALS,
    "paper-not-wanted": (
        "kind",
        UNPROCESSABLE,
        Text(
            "所选事项都不需要这种材料。可以上传的有：{kinds}。",
            "No leg asks for this kind of paper. What can be sent: {kinds}.",
        ),
    ),
    "paper-by-hand": (
        "kind",
        UNPROCESSABLE,
        Text(
            "这种材料由本人或监护人直接交给受理单位，不经过本系统。",
            "This paper is handed to the agency directly, by the person or the guardian; it does not go through here.",
        ),
    ),
    "paper-no-such-leg": (
        "leg",
        UNPROCESSABLE,
        Text(
            "本申请没有这个未办结的事项。请核对，或不填此项。",
            "The request has no such open leg. Check it, or leave it out.",
        ),
    ),
    "paper-is-evidence": (
        "paper",
        CONFLICT,
        Text(
            "单位的书面答复已据此登记，不能删除。",
            "An agency's answer was recorded by this slip, so it cannot be removed.",
        ),
    ),
    "paper-not-on-file": (
        "papers",
        UNPROCESSABLE,
        Text(
            "其中有的材料不在该人在本站的以往材料中。请从列表中选择。",
            "One of these is not among the person's earlier papers at this desk. Choose from the list.",
        ),
    ),
    "too-many-papers": (
        "file",
        CONFLICT,
        Text(
            "事项“{programme}”已有{most}个文件。请先删除不需要的，或把几页合为一个 PDF。",
            "There are {most} files for {programme} already. Remove one, or join pages into one PDF.",
        ),
    ),
}
"""By code: the field, the status of the answer, and what to do; first those about the file itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One paper that a leg's programme lists. ``data_kind`` is what a consent has to name for the agency to see it."""

    kind: str
    name: Text
    required: bool
    by_hand: bool
    data_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFile:
    """One file: of a request, for the leg it names or else for every leg that wants its kind.

    ``id`` is the paper's own; ``blob`` names its content, wherever it was handed in.
    """

    id: str
    request: str
    leg: str | None
    kind: str
    blob: str
    media: str
    size: int
    added_at: datetime
    added_by: str
    taken_from: str | None = None

    def serves(self, legs: Collection[str], wanted: Collection[str]) -> bool:
        """Tell whether it is for a leg (and those in whose place it stands) whose programme lists ``wanted``."""
        return self.kind in wanted and (self.leg is None or self.leg in legs)


def of_leg(
    legs: Collection[str], wanted: Sequence[Wanted], kinds: frozenset[str], on_file: Iterable[OnFile]
) -> list[OnFile]:
    """Choose the files for one leg's packet: of the kinds its programme lists, as far as the consent covers them.

    ``legs`` are the leg and those before it in whose place it stands; ``kinds`` the data kinds consented to, of which
    there are none where no consent covers the leg. One content is named once, however often it was handed in.
    """
    seen = {one.kind for one in wanted if not one.by_hand and covered(one, kinds)}
    chosen: dict[tuple[str, str], OnFile] = {}
    for paper in on_file:
        if paper.serves(legs, seen):
            chosen.setdefault((paper.kind, paper.blob), paper)
    return list(chosen.values())


def covered(wanted: Wanted, kinds: frozenset[str]) -> bool:
    """Tell whether an agency may see a kind of paper under the data kinds consented to."""
    return covered_by(kinds, wanted.data_kind)


def covered_by(kinds: frozenset[str], data_kind: str) -> bool:
    """Tell whether the data kinds consented to let an agency learn one kind."""
    return bool(kinds) and data_kind in kinds | {INDISPENSABLE}


HERE, EARLIER, MISSING, BY_HAND, NOT_COVERED = "here", "earlier", "missing", "by-hand", "not-covered"
STATES = (HERE, EARLIER, MISSING, BY_HAND, NOT_COVERED)


def state_of(wanted: Wanted, kinds: frozenset[str], here: Sequence[OnFile], earlier: Sequence[OnFile]) -> str:
    """Tell how it stands with one line of a leg's checklist.

    ``here``: in the packet. ``not-covered``: here, but the consent does not let the agency see it. ``earlier``: the
    person has handed it in before, and need not be asked again. ``by-hand``: it goes to the agency directly.
    """
    if wanted.by_hand:
        return BY_HAND
    if here:
        return HERE if covered(wanted, kinds) else NOT_COVERED
    return EARLIER if earlier else MISSING


def in_packet(paper: OnFile, *, sha256: str, content_key: str) -> dict[str, Any]:
    """Write one paper as the packet names it: ``{id, kind, sha256, content_key, type, size}``.

    ``id`` names the blob, whose ciphertext opens with the key (base64url, 32 bytes) and the id as additional data
    (``shared/blobs/cipher.py``); ``sha256`` (hexadecimal), ``type`` and ``size`` (bytes) are of the content.
    """
    return {
        "id": paper.blob,
        "kind": paper.kind,
        "sha256": sha256,
        "content_key": content_key,
        "type": paper.media,
        "size": paper.size,
    }


def in_answer(paper: OnFile) -> dict[str, Any]:
    """Show a file at the desk that took it in."""
    return {
        "id": paper.id,
        "kind": paper.kind,
        "leg": paper.leg,
        "type": paper.media,
        "size": paper.size,
        "added_at": paper.added_at,
        "added_by": paper.added_by,
        "taken_from": paper.taken_from,
    }
