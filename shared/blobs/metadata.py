"""Takes out of a picture what is not the picture: where and when it was taken, with what, words, thumbnails, trailers.

Segments of a JPEG and chunks of a PNG are left out or kept whole; pixels are not decoded, so they stay as they were.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping

from shared.blobs.files import JPEG, PNG

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP15 = 0xE0, 0xE1, 0xEF
_STANDALONE = frozenset({0x01, _SOI, *range(0xD0, 0xD8)})
"""Markers without a length: TEM, SOI, RST0 to RST7."""
_NEXT_MARKER = re.compile(rb"\xff+([^\x00\xff])")
_AFTER_SCAN = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
"""Within the data of a scan ``FF 00`` is a byte and ``FF D0`` to ``FF D7`` restart it."""
_COLOURS: Mapping[int, bytes] = {0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""Application segments without which colours would be wrong, by how they begin."""
_EXIF, _JFIF = b"Exif\0\0", b"JFIF\0"
_JFIF_BYTES = 14
"""So long is the segment without its thumbnail, whose width and height are its last two bytes."""

_ORIENTATION, _SHORT, _UPRIGHT, _TURNED = 0x0112, 3, 1, range(2, 9)
_BYTE_ORDERS: Mapping[bytes, str] = {b"II*\0": "<", b"MM\0*": ">"}
_ENTRY = 12

_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs hIST sPLT acTL fcTL fdAT".split()
)
"""What a picture is shown by. Words, times, EXIF and whatever programs keep for themselves is not."""


def without_metadata(media: str, content: bytes) -> bytes:
    """Give a file as it is kept: of a picture no more than what it is shown by; anything else as it came.

    Which way up a photo is stays known. Raises ``ValueError`` for what does not hold together.
    """
    clean = _CLEAN.get(media)
    return content if clean is None else clean(content)


def _jpeg(content: bytes) -> bytes:
    return b"".join(_jpeg_parts(content))


def _jpeg_parts(content: bytes) -> Iterator[bytes]:
    """Walk from marker to marker. What stands between two segments belongs to neither and goes."""
    yield content[:2]
    at, turned = 2, False
    while (found := _NEXT_MARKER.search(content, at)) is not None:
        marker, at = found.group(1)[0], found.end()
        if marker == _EOI:
            break
        if marker in _STANDALONE:
            continue
        body, at = _segment(content, at)
        if marker == _SOS:
            after = _AFTER_SCAN.search(content, at)
            end = len(content) if after is None else after.start()
            yield _written(marker, body) + content[at:end]
            at = end
        elif marker == _APP1 and body.startswith(_EXIF) and not turned:
            turned = True
            yield _which_way_up(body[len(_EXIF) :])
        else:
            yield _kept(marker, body)
    # Whatever comes after it, such as a second picture or a short film, is not the paper.
    yield bytes((0xFF, _EOI))


def _segment(content: bytes, at: int) -> tuple[bytes, int]:
    if at + 2 > len(content):
        raise ValueError("a segment without a length")
    (length,) = struct.unpack_from(">H", content, at)
    end = at + length
    if length < 2 or end > len(content):  # noqa: PLR2004 - the length counts itself
        raise ValueError("a segment beyond the end")
    return content[at + 2 : end], end


def _kept(marker: int, body: bytes) -> bytes:
    if marker == _APP0 and body.startswith(_JFIF) and len(body) >= _JFIF_BYTES:
        return _written(marker, body[: _JFIF_BYTES - 2] + b"\0\0")
    if marker == _COM or _APP0 <= marker <= _APP15:
        start = _COLOURS.get(marker)
        return _written(marker, body) if start is not None and body.startswith(start) else b""
    return _written(marker, body)


def _written(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _which_way_up(tiff: bytes) -> bytes:
    turned = _orientation(tiff)
    return _written(_APP1, _EXIF + _tiff(turned)) if turned in _TURNED else b""


def _orientation(tiff: bytes) -> int:
    """Read the one entry that counts; what cannot be read says nothing, and the picture is upright."""
    order = _BYTE_ORDERS.get(tiff[:4])
    if order is None:
        return _UPRIGHT
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for place in range(start + 2, start + 2 + count * _ENTRY, _ENTRY):
            tag, kind, _ = struct.unpack_from(f"{order}HHI", tiff, place)
            if (tag, kind) == (_ORIENTATION, _SHORT):
                (value,) = struct.unpack_from(f"{order}H", tiff, place + 8)
                return int(value)
    except struct.error:
        return _UPRIGHT
    return _UPRIGHT


def _tiff(orientation: int) -> bytes:
    """Write a TIFF header with a directory of this entry alone."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)


def _png(content: bytes) -> bytes:
    return b"".join(_png_parts(content))


def _png_parts(content: bytes) -> Iterator[bytes]:
    yield _PNG_START
    at = len(_PNG_START)
    while at < len(content):
        if at + 12 > len(content):
            raise ValueError("a chunk cut short")
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise ValueError("a chunk beyond the end")
        if name in _PNG_KEPT:
            yield content[at:end]
        elif name == b"eXIf" and (turned := _orientation(content[at + 8 : end - 4])) in _TURNED:
            yield _chunk(name, _tiff(turned))
        if name == b"IEND":
            return
        at = end


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


_CLEAN: Mapping[str, Callable[[bytes], bytes]] = {JPEG: _jpeg, PNG: _png}
