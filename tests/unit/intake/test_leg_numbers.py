"""A leg's number is random, and yet never spells what it must not."""

from __future__ import annotations

import base64
import re

import pytest

from services.intake.use_cases.seal_legs import leg_number


def test_a_number_has_its_agencys_letters_the_year_and_eight_random_characters() -> None:
    numbers = {leg_number("MZ", 2026) for _ in range(100)}
    assert len(numbers) == 100
    assert all(re.fullmatch(r"MZ-2026-[A-Z2-7]{8}", number) for number in numbers)


@pytest.mark.parametrize("word", ["HIV22222", "DRUG2222", "REHAB222"])
def test_a_number_that_spells_a_telling_word_is_drawn_again(
    monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    drawn = iter([word, "ABCDEFGH"])
    monkeypatch.setattr(
        "services.intake.use_cases.seal_legs.secrets.token_bytes", lambda _: base64.b32decode(next(drawn))
    )
    assert leg_number("WJ", 2026) == "WJ-2026-ABCDEFGH"
