"""A file is judged by what is in it, never by what it is called, and has to open."""

from __future__ import annotations

import contextlib
import io
import logging
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shared.blobs.content import recognise
from shared.blobs.files import JPEG, LARGEST, PDF, PNG, FileRefused
from tests.papers import a_pdf, a_picture


def refused(content: bytes) -> str:
    with pytest.raises(FileRefused) as error:
        recognise(content)
    return error.value.code


def test_each_kind_is_known_by_its_content() -> None:
    assert recognise(a_pdf(3)) == PDF
    assert recognise(a_picture("JPEG")) == JPEG
    assert recognise(a_picture("PNG")) == PNG


def test_a_progressive_picture_and_one_of_several_frames_are_pictures_too() -> None:
    made = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(made, "JPEG", progressive=True)
    assert recognise(made.getvalue()) == JPEG
    frames = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(
        frames, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64))]
    )
    assert recognise(frames.getvalue()) == JPEG


def test_a_pdf_that_only_restricts_printing_opens_and_one_with_a_password_does_not() -> None:
    assert recognise(a_pdf(password="")) == PDF
    assert refused(a_pdf(password="secret")) == "paper-locked"


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a" + b"\0" * 100,
        b"<html><script>alert(1)</script></html>",
        b"PK\x03\x04" + b"\0" * 100,
        b"MZ" + b"\0" * 100,
        b"\0\0\0\x18ftypheic" + b"\0" * 100,
        b"plain text",
    ],
    ids=["GIF", "HTML", "ZIP or Word", "program", "HEIC", "text"],
)
def test_anything_else_is_refused(content: bytes) -> None:
    assert refused(content) == "paper-wrong-type"


def test_an_empty_file_and_one_over_ten_mebibytes_are_refused() -> None:
    assert refused(b"") == "paper-empty"
    assert refused(a_pdf(size=LARGEST + 1)) == "paper-too-large"


def test_a_file_of_exactly_ten_mebibytes_is_taken() -> None:
    content = a_pdf(size=LARGEST)
    assert len(content) == LARGEST
    assert recognise(content) == PDF


@pytest.mark.parametrize("make", [a_pdf, a_picture, lambda: a_picture("PNG")], ids=["PDF", "JPEG", "PNG"])
@pytest.mark.parametrize("part", [0.1, 0.5])
def test_a_file_cut_short_is_refused(make: object, part: float) -> None:
    content = make()  # type: ignore[operator]
    assert refused(content[: int(len(content) * part)]) == "paper-damaged"


@pytest.mark.parametrize("start", [b"%PDF-1.7\n", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"])
def test_the_right_first_bytes_alone_do_not_make_a_paper(start: bytes) -> None:
    assert refused(start + b"and then something else altogether" * 20) == "paper-damaged"


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded() -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 9_000, 9_000, 8, 0, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )
    assert refused(bomb) == "paper-too-many-pixels"


def test_what_a_broken_file_holds_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    broken = a_pdf(2).replace(b"/Kids", b"/Zhangsan530103")
    with pytest.raises(FileRefused):
        recognise(broken)
    assert "Zhangsan" not in caplog.text


@given(st.sampled_from([b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b""]), st.binary(max_size=400))
def test_whatever_comes_is_a_paper_or_is_refused(start: bytes, rest: bytes) -> None:
    with contextlib.suppress(FileRefused):
        assert recognise(start + rest) in {PDF, JPEG, PNG}
