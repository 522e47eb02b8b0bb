"""What a web process says when what it stands on is away or wrong: plain words; a fault of ours stays as it is."""

from __future__ import annotations

from typing import Any

import pytest
from gunicorn.errors import AppImportError
from sqlalchemy import create_engine, make_url

from deploy.cli.serve import in_plain_words


def test_a_database_that_is_away_is_told_in_plain_words() -> None:
    away = create_engine("postgresql+psycopg://aid:secret@127.0.0.1:1/aid")
    with pytest.raises(AppImportError, match="The database cannot be used") as told:
        in_plain_words(away.connect)
    assert "carehut migrate" in str(told.value)
    assert "secret" not in str(told.value)


def test_an_address_that_is_none_is_told_in_plain_words() -> None:
    with pytest.raises(AppImportError, match="CAREHUT_<SERVICE>_DATABASE_URL"):
        in_plain_words(lambda: make_url("nonsense"))


def test_a_fault_of_ours_stays_as_it_is() -> None:
    def broken() -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_plain_words(broken)


def test_what_is_made_is_given_on() -> None:
    assert in_plain_words(lambda: "application") == "application"
