"""Of a photo the picture is kept, and not where it was taken, when, with what, or what somebody wrote into it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from shared.blobs.content import recognise
from shared.blobs.files import JPEG, PDF, PNG
from shared.blobs.metadata import without_metadata
from tests.papers import a_pdf, a_picture

PLACE = b"25 deg 2 min"
ON_ITS_SIDE = 6


def a_photo(kind: str, **saved: Any) -> bytes:
    """Make a photo that tells its place, its camera, its way up and its colours."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = ON_ITS_SIDE
    exif[ExifTags.Base.Make] = "Camera of somebody"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = PLACE
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = io.BytesIO()
    picture = Image.open(io.BytesIO(a_picture("PNG", width=64, height=40))).convert("RGB")
    picture.save(made, kind, exif=exif, icc_profile=profile, **saved)
    return made.getvalue()


def pixels(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.tobytes()


PHOTOS = {
    JPEG: lambda: a_photo("JPEG", comment=b"at home with Li", progressive=True, xmp=b"<x:xmpmeta/>"),
    PNG: lambda: a_photo("PNG", pnginfo=words()),
}


def words() -> PngImagePlugin.PngInfo:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "at home with Li")
    said.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta/>")
    return said


@pytest.mark.parametrize("media", PHOTOS)
def test_a_photo_tells_no_place_and_no_words_any_more(media: str) -> None:
    content = PHOTOS[media]() + b"a short film" * 50
    kept = without_metadata(media, content)
    for told in (PLACE, b"Camera", b"at home", b"xmpmeta", b"a short film"):
        assert told in content
        assert told not in kept
    assert recognise(kept) == media


@pytest.mark.parametrize("media", PHOTOS)
def test_pixels_colours_and_which_way_up_it_is_stay(media: str) -> None:
    content = PHOTOS[media]()
    kept = without_metadata(media, content)
    assert pixels(kept) == pixels(content)
    with Image.open(io.BytesIO(content)) as before, Image.open(io.BytesIO(kept)) as after:
        assert after.info["icc_profile"] == before.info["icc_profile"]
        assert dict(after.getexif()) == {ExifTags.Base.Orientation: ON_ITS_SIDE}


def test_the_colours_of_four_inks_stay() -> None:
    made = io.BytesIO()
    Image.new("CMYK", (16, 16), (10, 90, 40, 5)).save(made, "JPEG")
    assert pixels(without_metadata(JPEG, made.getvalue())) == pixels(made.getvalue())


def test_a_second_picture_behind_the_first_goes() -> None:
    frames = io.BytesIO()
    first, second = Image.new("RGB", (64, 64), "white"), Image.new("RGB", (64, 64))
    first.save(frames, "MPO", save_all=True, append_images=[second])
    kept = without_metadata(JPEG, frames.getvalue())
    assert kept.count(b"\xff\xd8\xff") == 1
    assert pixels(kept) == pixels(frames.getvalue())


def test_the_thumbnail_in_the_first_segment_goes() -> None:
    plain = a_picture("JPEG")
    head = struct.unpack_from(">12s", plain, 6)[0]
    thumbnail = b"\xff\xe0" + struct.pack(">H", 16 + 3) + head + b"\1\1" + b"\1\2\3"
    assert without_metadata(JPEG, plain[:2] + thumbnail + plain[20:]) == plain


@pytest.mark.parametrize("media", [JPEG, PNG, PDF])
def test_what_holds_nothing_of_the_kind_stays_as_it_is_to_the_byte(media: str) -> None:
    content = {JPEG: a_picture("JPEG"), PNG: a_picture("PNG"), PDF: a_pdf(2)}[media]
    assert hashlib.sha256(without_metadata(media, content)).digest() == hashlib.sha256(content).digest()


SEGMENTS = st.lists(
    st.tuples(st.one_of(st.integers(0xE0, 0xEF), st.just(0xFE)), st.binary(max_size=60)), max_size=8
)


@given(SEGMENTS)
def test_whatever_segments_a_jpeg_has_its_pixels_stay_and_a_second_time_changes_nothing(
    segments: list[tuple[int, bytes]],
) -> None:
    plain = a_picture("JPEG", width=24, height=16)
    added = b"".join(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in segments)
    kept = without_metadata(JPEG, plain[:2] + added + plain[2:])
    assert kept == without_metadata(JPEG, kept)
    assert kept.endswith(plain[20:])


@given(st.sampled_from([JPEG, PNG]), st.data())
def test_a_broken_picture_is_cleaned_or_objected_to(media: str, data: st.DataObject) -> None:
    content = bytearray(a_picture({JPEG: "JPEG", PNG: "PNG"}[media], width=24, height=16))
    for place in data.draw(st.lists(st.integers(2, len(content) - 1), max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        without_metadata(media, bytes(content[: data.draw(st.integers(2, len(content)))]))
