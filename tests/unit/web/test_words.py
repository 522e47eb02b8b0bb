"""Every word of every page is there in Chinese, and dates are written as people write them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from shared.web import words
from shared.web.catalogue import translations
from shared.web.dates import as_date, short_date, written_date, written_moment


def test_every_word_of_the_templates_has_its_chinese() -> None:
    assert list(words.missing()) == []


def test_what_has_no_chinese_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    said = words.said_in(words.FOLDERS[0])
    said.add("Something new")
    monkeypatch.setattr(words, "said_in", lambda folder: said if folder == words.FOLDERS[0] else Catalog())
    assert list(words.missing()) == ["shared/web: Something new"]


@pytest.mark.parametrize("folder", words.FOLDERS, ids=str)
def test_no_catalogue_keeps_doubtful_words(folder: Path) -> None:
    assert [message.id for message in words.kept_in(folder) if message.id and message.fuzzy] == []


def test_a_plural_has_one_form_in_chinese() -> None:
    chinese = translations([words.ROOT / "shared" / "web" / "translations"], "zh_Hans_CN")
    said = chinese.ungettext("%(num)d working day left", "%(num)d working days left", 3)
    assert said % {"num": 3} == "剩余 3 个工作日"


def test_dates_are_written_with_their_weekday() -> None:
    day = dt.date(2026, 11, 23)
    assert written_date(day, "zh") == "2026年11月23日 周一"
    assert written_date(day, "en") == "Mon 23 Nov 2026"
    assert (short_date(day, "zh"), short_date(day, "en")) == ("11月23日", "23 Nov")


def test_a_moment_is_told_in_the_districts_own_time() -> None:
    late = dt.datetime(2026, 11, 22, 17, 5, tzinfo=dt.UTC)
    assert written_moment(late, "zh", "Asia/Shanghai") == "2026年11月23日 周一 01:05"
    assert (
        as_date(late, "Asia/Shanghai")
        == as_date("2026-11-22T17:05:00+00:00", "Asia/Shanghai")
        == dt.date(2026, 11, 23)
    )
    assert as_date("2026-11-23", "Asia/Shanghai") == dt.date(2026, 11, 23)
