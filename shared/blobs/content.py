"""Judges a file by its content: whether it is a PDF, a JPEG or a PNG, and whether it opens."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable, Mapping

from shared.blobs.files import JPEG, LARGEST, PDF, PNG, FileRefused
from shared.blobs.harmless import harmless
from shared.blobs.metadata import without_metadata

MOST_PIXELS = 64_000_000
"""A page at 600 dots per inch has 35 million."""
MILLION = 1_000_000
_SIGNATURES: Mapping[bytes, str] = {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}

# Decoding may take a few hundred megabytes for a moment: one picture at a time in each process.
_decoding = threading.Lock()


def recognise(content: bytes) -> str:
    """Give the media type of a file that an agency will be able to open.

    Raises:
        FileRefused: it is empty, too large, of another type, broken, locked with a password, or does more than show.
    """
    if not content:
        raise FileRefused("paper-empty")
    if len(content) > LARGEST:
        raise FileRefused("paper-too-large")
    media = next((type_ for start, type_ in _SIGNATURES.items() if content.startswith(start)), None)
    if media is None:
        raise FileRefused("paper-wrong-type")
    try:
        _OPENS[media](content)
    except FileRefused:
        raise
    except Exception as error:
        # Broken files break readers in every way there is; what it was says nothing that helps at the desk.
        raise FileRefused("paper-damaged") from error
    return media


def judged(content: bytes) -> tuple[str, bytes]:
    """Give the media type of a file and what is kept of it: a picture without where and when it was taken.

    Raises ``FileRefused`` as ``recognise``.
    """
    media = recognise(content)
    try:
        return media, without_metadata(media, content)
    except ValueError as error:
        raise FileRefused("paper-damaged") from error


def _pdf(content: bytes) -> None:
    from pypdf import PdfReader  # noqa: PLC0415 - most processes never see a paper

    # Its warnings quote the file.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    reader = PdfReader(io.BytesIO(content), strict=False)
    # Some only restrict printing, and open without a password.
    if reader.is_encrypted and not reader.decrypt(""):
        raise FileRefused("paper-locked")
    harmless(reader, content)
    if not len(reader.pages):
        raise FileRefused("paper-damaged")
    for page in reader.pages:
        _ = page.mediabox


def _picture(content: bytes, kind: str) -> None:
    from PIL import Image  # noqa: PLC0415 - as above

    with _decoding, Image.open(io.BytesIO(content), formats=[kind]) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise FileRefused("paper-too-many-pixels", most=MOST_PIXELS // MILLION)
        if kind == "PNG":
            picture.verify()  # every chunk's checksum, to the last
            return
        # An eighth of the size is enough to see whether the picture goes on to its end.
        picture.draft("L", (max(picture.width // 8, 1), max(picture.height // 8, 1)))
        picture.load()


_OPENS: Mapping[str, Callable[[bytes], None]] = {
    PDF: _pdf,
    JPEG: lambda content: _picture(content, "JPEG"),
    PNG: lambda content: _picture(content, "PNG"),
}
