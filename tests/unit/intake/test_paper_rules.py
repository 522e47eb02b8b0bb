"""Which files go into which packet, and how it stands with each line of a checklist."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.filing import DATA_KINDS
from services.intake.domain.papers import REFUSALS, OnFile, Wanted, covered, in_packet, of_leg, state_of
from shared.blobs.files import PDF
from shared.text import Text

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
KINDS = ("id-card", "receipts", "diagnosis", "case-papers")
LEGS = ("leg-1", "leg-2")
NAME = Text("材料", "Paper")

wanted_papers = st.lists(
    st.builds(
        Wanted,
        kind=st.sampled_from(KINDS),
        name=st.just(NAME),
        required=st.booleans(),
        by_hand=st.booleans(),
        data_kind=st.sampled_from((*DATA_KINDS, "")),
    ),
    max_size=4,
    unique_by=lambda one: one.kind,
)
files = st.lists(
    st.builds(
        OnFile,
        id=st.uuids().map(str),
        request=st.just("request"),
        leg=st.sampled_from((None, *LEGS)),
        kind=st.sampled_from((*KINDS, "slip")),
        blob=st.sampled_from(("blob-1", "blob-2", "blob-3")),
        media=st.just(PDF),
        size=st.just(1),
        added_at=st.just(NOW),
        added_by=st.just("hut"),
    ),
    max_size=12,
)
consents = st.frozensets(st.sampled_from(DATA_KINDS))


def a_file(kind: str = "id-card", leg: str | None = None, blob: str = "blob-1") -> OnFile:
    return OnFile(
        id="paper",
        request="request",
        leg=leg,
        kind=kind,
        blob=blob,
        media=PDF,
        size=9,
        added_at=NOW,
        added_by="hut",
    )


def wanting(kind: str = "id-card", data_kind: str = "identity", *, by_hand: bool = False) -> Wanted:
    return Wanted(kind=kind, name=NAME, required=True, by_hand=by_hand, data_kind=data_kind)


@given(wanted_papers, consents, files)
def test_a_packet_names_only_what_its_programme_lists_and_its_consent_covers(
    wanted: list[Wanted], kinds: frozenset[str], on_file: list[OnFile]
) -> None:
    listed = {one.kind: one for one in wanted}
    chosen = of_leg(("leg-1",), wanted, kinds, on_file)
    for paper in chosen:
        assert not listed[paper.kind].by_hand
        assert covered(listed[paper.kind], kinds)
        assert paper.leg in {None, "leg-1"}
    assert len({(paper.kind, paper.blob) for paper in chosen}) == len(chosen)
    assert kinds or not chosen


@given(wanted_papers, consents, files)
def test_more_consent_never_takes_a_paper_out_of_a_packet(
    wanted: list[Wanted], kinds: frozenset[str], on_file: list[OnFile]
) -> None:
    fewer = of_leg(LEGS, wanted, kinds, on_file)
    more = of_leg(LEGS, wanted, frozenset(DATA_KINDS), on_file)
    assert {(paper.kind, paper.blob) for paper in fewer} <= {(paper.kind, paper.blob) for paper in more}


@given(wanted_papers, consents, files)
def test_what_is_in_the_packet_is_said_to_be_here_and_nothing_else_is(
    wanted: list[Wanted], kinds: frozenset[str], on_file: list[OnFile]
) -> None:
    sent = {paper.kind for paper in of_leg(("leg-1",), wanted, kinds, on_file)}
    for one in wanted:
        here = [paper for paper in on_file if paper.serves(("leg-1",), (one.kind,))]
        assert (state_of(one, kinds, here, []) == "here") == (one.kind in sent)


@pytest.mark.parametrize(
    ("wanted", "kinds", "here", "earlier", "state"),
    [
        (wanting(), {"identity"}, [a_file()], [], "here"),
        (wanting(), {"identity"}, [], [], "missing"),
        (wanting(), {"identity"}, [], [a_file()], "earlier"),
        (wanting(data_kind="income"), {"identity"}, [a_file()], [], "not-covered"),
        (wanting(data_kind=""), set(DATA_KINDS), [a_file()], [], "not-covered"),
        (wanting(), set(), [a_file()], [], "not-covered"),
        (wanting(by_hand=True), {"identity"}, [], [], "by-hand"),
    ],
)
def test_each_state_of_a_line(
    wanted: Wanted, kinds: set[str], here: list[OnFile], earlier: list[OnFile], state: str
) -> None:
    assert state_of(wanted, frozenset(kinds), here, earlier) == state


def test_a_packet_names_the_blob_and_not_the_row_it_was_handed_in_with() -> None:
    written = in_packet(a_file(), sha256="5a", content_key="k")
    assert written == {
        "id": "blob-1",
        "kind": "id-card",
        "sha256": "5a",
        "content_key": "k",
        "type": PDF,
        "size": 9,
    }


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_speaks_both_languages(code: str) -> None:
    _field, status, text = REFUSALS[code]
    assert status in {409, 413, 422}
    assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)
    assert text.en.isascii()
