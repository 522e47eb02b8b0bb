"""Judges a paper by its content, as every file that is handed in."""

from __future__ import annotations

from services.intake.domain.papers import PaperRefused
from shared.blobs import content as files
from shared.blobs.files import FileRefused


def judged(content: bytes) -> tuple[str, bytes]:
    """Give the media type of a paper and what is kept of it: a picture without where and when it was taken.

    Raises ``PaperRefused``.
    """
    try:
        return files.judged(content)
    except FileRefused as error:
        raise PaperRefused(error.code, **error.values) from error
