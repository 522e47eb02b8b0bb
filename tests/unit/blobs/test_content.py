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


def _written(*objects: bytes, end: bytes = b"") -> bytes:
    """Write a PDF of these objects, the first of which is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + one + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + head + table + tail + end


CATALOGUE, PAGES = b"<< /Type /Catalog /Pages 2 0 R %s >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s >>"
SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"


def _doing(catalogue: bytes = b"", page: bytes = b"", end: bytes = b"") -> bytes:
    return _written(CATALOGUE % catalogue, PAGES, PAGE % page, end=end)


def test_a_pdf_that_only_shows_its_pages_is_taken() -> None:
    link = b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 1 1] /A << /S /URI /URI (https://a.example) >> >>]"
    assert recognise(_doing()) == PDF
    assert recognise(_doing(b"/OpenAction [3 0 R /Fit]", link, end=b"\r\n\0\0")) == PDF


@pytest.mark.parametrize(
    "content",
    [
        _doing(b"/OpenAction " + SCRIPT),
        _doing(b"/Names << /JavaScript << /Names [(a) " + SCRIPT + b"] >> >>"),
        _doing(b"/OpenAction << /S /Launch /F (cmd.exe) >>"),
        _doing(page=b"/AA << /O " + SCRIPT + b" >>"),
        _doing(page=b"/Annots [<< /Subtype /Link /Rect [0 0 1 1] /A " + SCRIPT + b" >>]"),
        _doing(page=b"/Annots [<< /Subtype /RichMedia /Rect [0 0 1 1] >>]"),
        _doing(end=b"<html><script>alert(document.domain)</script>" + b" " * 9 + b"</html>" * 9),
        _doing(end=b"PK\3\4" + bytes(range(1, 200))),
    ],
    ids=[
        "script",
        "named script",
        "program",
        "when shown",
        "when clicked",
        "film",
        "a page behind",
        "a ZIP behind",
    ],
)
def test_a_pdf_that_does_more_is_refused(content: bytes) -> None:
    assert refused(content) == "paper-active"


def test_a_tree_that_stands_for_a_billion_pages_is_refused_before_it_is_walked() -> None:
    twice = [
        b"<< /Type /Pages /Kids [%d 0 R %d 0 R] /Count 2 >>" % (number, number) for number in range(3, 33)
    ]
    assert refused(_written(CATALOGUE % b"", *twice, PAGE % b"")) == "paper-too-many-pages"


def test_a_stream_that_would_fill_the_memory_is_refused() -> None:
    packed = zlib.compress(b"\0" * 80_000_000, 1)
    head = b"%%PDF-1.7\n1 0 obj\n<< /Type /XRef /Size 9 /W [1 2 1] /Root 2 0 R /Filter /FlateDecode /Length %d >>"
    bomb = head % len(packed) + b"\nstream\n" + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n"
    assert refused(bomb) == "paper-damaged"


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
