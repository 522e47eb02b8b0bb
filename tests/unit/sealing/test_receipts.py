"""Receipt codes: short, copied by hand, the same whenever asked."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import ids
from shared.sealing import Keyring, MissingKey
from shared.sealing.receipts import canonical, code_of
from tests.unit.sealing.conftest import LEG, Installation

CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}")


@given(secret=st.binary(min_size=32, max_size=32), request_id=st.uuids().map(str))
def test_a_code_is_twelve_letters_in_three_groups(secret: bytes, request_id: str) -> None:
    code = code_of(secret, request_id)

    assert CODE.fullmatch(code)
    assert canonical(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == code.replace(
        "-", ""
    )


def test_a_known_code() -> None:
    # First 60 bits of HMAC-SHA256(key of 32 zero bytes, id), worked out with openssl.
    assert code_of(bytes(32), LEG) == "A5Y7-14BM-R14N"


def test_a_retry_after_a_restart_gets_the_same_code(installation: Installation) -> None:
    request = ids.new()

    codes = {installation.keyring("intake").receipt_code(request) for _ in range(3)}

    assert len(codes) == 1


def test_requests_have_their_own_codes(intake: Keyring) -> None:
    assert len({intake.receipt_code(ids.new()) for _ in range(500)}) == 500


def test_only_intake_can_make_codes(referrals: Keyring) -> None:
    with pytest.raises(MissingKey):
        referrals.receipt_code(LEG)
