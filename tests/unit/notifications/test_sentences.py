"""In which words people are told: each district has a sentence for everything, and a pack without one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.notifications.domain.messages import COPIED, SENTENCES, TOLD, WHOSE, messages_for, sentence_of
from services.notifications.domain.words import PLACES, wording
from shared.directory import check_pack
from shared.directory.people_and_words import NOTICE_PLACES, NOTICE_TEXTS
from shared.text import Text
from tests.builders import the_district
from tests.unit.directory.packs import change, copy_of
from tests.unit.notifications.test_messages import NUMBER, a_fact


@pytest.mark.parametrize("code", ["530103", "141002"])
@pytest.mark.parametrize("name", sorted(SENTENCES))
def test_every_district_has_a_sentence_in_both_languages_for_everything_told(name: str, code: str) -> None:
    said = wording(
        the_district(code).texts[name], {place: Text(f"{place}甲", f"{place}A") for place in PLACES}
    )
    assert "number甲" in said.zh
    assert "numberA" in said.en
    assert "{" not in said.zh + said.en


def test_a_pack_is_asked_for_exactly_the_sentences_that_messages_are_told_in() -> None:
    assert sorted(NOTICE_TEXTS) == sorted(SENTENCES)
    assert sorted(NOTICE_PLACES) == sorted(PLACES)
    told = {
        sentence_of(message.type, message.params.get("as"))
        for type_ in TOLD
        for circular in (False, True)
        for copy_to in ((), tuple(COPIED))
        for message in messages_for(a_fact(type_, params={"to": "desk"}, circular=circular, copy_to=copy_to))
    }
    told |= {
        sentence_of(message.type, message.params.get("as"))
        for type_, marks in (("noted", {"reason": "other"}), ("supervised", {"cause": "third-return"}))
        for message in messages_for(a_fact(f"referral.{type_}.v1", marks=marks))
    }
    told |= {
        sentence_of(message.type, message.params.get("as"))
        for whose in WHOSE
        for message in messages_for(a_fact("referral.reminded.v1", whose=whose))
    }
    assert told == SENTENCES


@pytest.mark.parametrize("code", ["530103", "141002"])
def test_a_pack_without_one_of_the_sentences_is_refused_by_file_line_and_remedy(
    tmp_path: Path, code: str
) -> None:
    pack = copy_of(code, tmp_path)
    file = pack / "texts" / "notices.yaml"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.strip().startswith("referral.")]
    file.write_text("".join(kept), encoding="utf-8")
    errors = check_pack(pack)
    assert {(error.file, error.line) for error in errors} == {
        ("texts/notices.yaml", kept.index("texts:\n") + 1)
    }
    missing = {name for name in SENTENCES for error in errors if f"“{name}”" in error.message.en}
    assert (len(errors), sorted(missing)) == (len(SENTENCES), sorted(SENTENCES))
    assert {error.remedy.zh for error in errors} == {"请在 texts/notices.yaml 中补上。"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_sentence_in_one_language_alone_is_refused(tmp_path: Path, language: str) -> None:
    pack = copy_of("530103", tmp_path)
    sentence = the_district("530103").texts["referral.supervised.circular"].of(language)
    line = change(pack / "texts" / "notices.yaml", f'{language}: "{sentence}"', f'xx: "{sentence}"')
    errors = [error for error in check_pack(pack) if language in error.message.en]
    assert [(error.file, error.line) for error in errors] == [("texts/notices.yaml", line)]


def test_a_fact_without_a_sentence_is_still_told() -> None:
    said = wording(None, {"number": Text(NUMBER, NUMBER), "programme": Text("低保", "allowance")})
    assert said.zh == f"{NUMBER}（低保）有新消息。"
    assert said.en == f"There is news of {NUMBER} (allowance)."
