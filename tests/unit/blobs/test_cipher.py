"""A blob opens under its own key and id alone, and only whole."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from shared.blobs import KEY_BYTES, Damaged, lock, unlock

BLOB = "019aae10-4c00-7b3e-9d51-2f6c8a7e4b01"
OTHER = "019aae10-4c00-7b3e-9d51-2f6c8a7e4b02"
KEY = bytes(range(KEY_BYTES))


@given(st.binary(max_size=2000))
def test_what_was_locked_opens_and_shows_nothing(content: bytes) -> None:
    locked = lock(BLOB, content, KEY)
    assert unlock(BLOB, locked, KEY) == content
    assert len(content) < 8 or content not in locked


def test_the_format_is_the_one_that_is_written_down_for_others() -> None:
    locked = lock(BLOB, b"a page", KEY)
    assert locked[:1] == b"\x01"
    assert AESGCM(KEY).decrypt(locked[1:13], locked[13:], BLOB.encode()) == b"a page"


def test_the_same_content_is_never_locked_alike() -> None:
    assert lock(BLOB, b"a page", KEY) != lock(BLOB, b"a page", KEY)


@given(st.integers(min_value=0, max_value=34), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    locked = bytearray(lock(BLOB, b"a page", KEY))
    assert len(locked) == 35
    locked[place] ^= change
    with pytest.raises(Damaged):
        unlock(BLOB, bytes(locked), KEY)


@pytest.mark.parametrize("length", [0, 1, 28, 34])
def test_a_blob_cut_short_is_noticed(length: int) -> None:
    with pytest.raises(Damaged):
        unlock(BLOB, lock(BLOB, b"a page", KEY)[:length], KEY)


def test_another_key_or_another_blobs_place_does_not_open_it() -> None:
    locked = lock(BLOB, b"a page", KEY)
    with pytest.raises(Damaged):
        unlock(BLOB, locked, os.urandom(KEY_BYTES))
    with pytest.raises(Damaged):
        unlock(OTHER, locked, KEY)
