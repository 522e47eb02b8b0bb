"""Papers that come and go at the same moment, and a store that is away: nothing is half there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from services.intake.domain.errors import NotThere
from services.intake.persistence.tables import blobs, papers
from services.intake.use_cases.context import Context
from services.intake.use_cases.papers import AddPaper, add_paper, remove_paper
from services.intake.use_cases.read_papers import open_paper
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.sweep_papers import PaperSweep
from shared.blobs import BlobsAway, BlobStore
from tests.builders import a_command, a_principal
from tests.integration.intake.paper_desk import caller, count, file, hand_in, stored
from tests.papers import a_pdf

HUT = a_principal()
AT_ONCE = 6


def at_once(*deeds: Callable[[], object]) -> None:
    with ThreadPoolExecutor(len(deeds)) as pool:
        for done in [pool.submit(deed) for deed in deeds]:
            done.result()


def filed(context: Context) -> str:
    return str(submit_request(context, HUT, a_command("dibao"))["id"])


def add(context: Context, request: str) -> str:
    command = AddPaper(request=request, kind="id-card", content=a_pdf())
    return str(add_paper(context, HUT, command)["paper"]["id"])


def test_the_same_content_handed_in_by_many_at_once_is_written_down_once(context: Context) -> None:
    requests = [filed(context) for _ in range(AT_ONCE)]
    at_once(*(lambda request=request: add(context, request) for request in requests))
    assert (count(context, blobs), count(context, papers)) == (1, AT_ONCE)
    with context.database.read() as connection:
        (row,) = connection.execute(blobs.select())
    # Those who came second have left what they put; it is nobody's, and the sweep knows.
    assert row.id in stored(context)
    for request in requests:
        assert open_paper(context, HUT, request, add(context, request)).content == a_pdf()


def test_the_same_paper_handed_in_twice_at_once_is_there_once(context: Context) -> None:
    request = filed(context)
    at_once(*(lambda: add(context, request) for _ in range(AT_ONCE)))
    assert count(context, papers) == 1


def test_what_is_handed_in_while_the_last_of_its_kind_is_removed_can_be_read_afterwards(
    context: Context,
) -> None:
    one, other = filed(context), filed(context)
    for _ in range(5):
        leaving = add(context, one)
        coming: list[str] = []
        at_once(
            lambda leaving=leaving: remove_paper(context, HUT, one, leaving),  # type: ignore[misc]
            lambda coming=coming: coming.append(add(context, other)),  # type: ignore[misc]
        )
        assert open_paper(context, HUT, other, coming[0]).content == a_pdf()
        with pytest.raises(NotThere):
            open_paper(context, HUT, one, leaving)
        remove_paper(context, HUT, other, coming[0])


def test_a_store_that_is_away_takes_nothing_on_and_says_so(context: Context, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    away = replace(context, blobs=BlobStore("file", str(tmp_path / "file")))
    call = caller(away)
    made = file(call, "dibao")
    answer = hand_in(call, made["id"], "id-card", a_pdf())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    body = answer.get_json()
    assert body["messages"]["zh"] != body["messages"]["en"]
    assert (count(context, papers), count(context, blobs)) == (0, 0)
    assert PaperSweep(away).tick() == 0


def test_a_paper_whose_store_is_away_is_read_later(context: Context, tmp_path: Path) -> None:
    request = filed(context)
    paper = add(context, request)
    (tmp_path / "file").write_bytes(b"")
    away = replace(context, blobs=BlobStore("file", str(tmp_path / "file")))
    with pytest.raises(BlobsAway):
        open_paper(away, HUT, request, paper)
    # Taken away meanwhile, it is gone for everybody; its content goes when the store is back.
    remove_paper(away, HUT, request, paper)
    with pytest.raises(NotThere):
        open_paper(context, HUT, request, paper)
    assert len(stored(context)) == 1
