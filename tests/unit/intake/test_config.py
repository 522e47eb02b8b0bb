"""Settings of intake: everything that is missing is named at once."""

from __future__ import annotations

import pytest

from services.intake.config import Config, MissingSettings

COMPLETE = {
    "CAREHUT_DISTRICT": "530103",
    "CAREHUT_HOME": "/srv/aid",
    "CAREHUT_INTAKE_DATABASE_URL": "sqlite:///aid.sqlite",
    "CAREHUT_PUBLIC_URL": "http://127.0.0.1:8000",
}


def test_every_missing_name_is_reported_at_once() -> None:
    with pytest.raises(MissingSettings) as refused:
        Config.from_environment({"CAREHUT_DISTRICT": "530103", "CAREHUT_HOME": ""})
    assert refused.value.names == ["CAREHUT_HOME", "CAREHUT_INTAKE_DATABASE_URL", "CAREHUT_PUBLIC_URL"]


def test_a_complete_environment_is_read() -> None:
    config = Config.from_environment({**COMPLETE, "CAREHUT_TRUSTED_PROXIES": "1"})
    assert (config.district, config.trusted_proxies, config.pool_size) == ("530103", 1, 10)
