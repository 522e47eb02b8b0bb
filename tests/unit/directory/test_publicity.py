"""What a public notice shows: name, size of household, amount, category; never a reason, and nothing that outs anybody.

``category`` is the recognised category of hardship in finding work, which the notice of that programme has to name.
It tells why somebody is hard to employ, so that it may only be one of those that anybody may belong to: none of a
district's options says that somebody was ever in care.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.directory import check_pack, forbidden_word, load_pack
from tests.unit.directory.packs import change, copy_of

PACKS = ("530103", "141002")
SHOWN = {
    "dibao": ["name", "household_size", "amount"],
    "dibao-single": ["name", "household_size", "amount"],
    "tekun": ["name", "amount"],
    "hard-emp": ["name", "category"],
}
"""All that is published of anybody, by programme."""
NOTICE = "counts: true, fields: [name, amount]"


@pytest.mark.parametrize("code", PACKS)
def test_what_is_published_is_this_and_nothing_else(code: str) -> None:
    notices = {
        programme.id: programme.publicity["fields"]
        for programme in load_pack(code).programmes.values()
        if programme.publicity is not None
    }
    assert notices == SHOWN


@pytest.mark.parametrize("field", ["reason", "outcome", "diagnosis", "phone", "hardship_category"])
def test_a_notice_that_would_show_anything_else_is_refused_with_its_line(tmp_path: Path, field: str) -> None:
    pack = copy_of("530103", tmp_path)
    line = change(pack / "programmes.yaml", NOTICE, NOTICE.replace("amount", field))
    (error,) = check_pack(pack)
    assert (error.file, error.line) == ("programmes.yaml", line)
    assert "name, household_size, amount, category" in error.message.en + error.remedy.en


@pytest.mark.parametrize("code", PACKS)
def test_the_category_that_is_published_is_one_that_tells_nothing_of_care(code: str) -> None:
    district = load_pack(code)
    assert [id_ for id_, shown in SHOWN.items() if "category" in shown] == ["hard-emp"]
    assert district.programmes["hard-emp"].outcomes["approved"] == ("category",)
    labels = district.fields["hardship_category"].options
    assert set(labels) == {
        *("long-term", "older", "dibao", "no-earner", "disability"),
        *("land-lost", "veteran", "graduate", "other"),
    }
    assert all(forbidden_word(words) is None for label in labels.values() for words in (label.zh, label.en))


@pytest.mark.parametrize(
    ("old", "new"), [("市定其他", "戒毒康复人员"), ("other category set by the city", "in rehabilitation")]
)
def test_a_category_that_would_out_somebody_is_refused(tmp_path: Path, old: str, new: str) -> None:
    pack = copy_of("530103", tmp_path)
    line = change(pack / "fields.yaml", old, new)
    (error,) = check_pack(pack)
    assert (error.file, error.line, "may not appear" in error.message.en) == ("fields.yaml", line, True)
