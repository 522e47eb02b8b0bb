"""A larger body is let in where a view takes a file and nowhere else, by the front door as by the applications."""

from __future__ import annotations

import re
from collections.abc import Mapping

import flask
import pytest

from deploy.embedded.environment import SERVICES
from deploy.front.paths import UPLOADS
from shared.blobs.files import LARGEST
from shared.http.uploads import CAP, UPLOAD_CAP, InMemoryRequest
from tests.architecture.test_policy_coverage import address_of


@pytest.mark.parametrize("service", SERVICES)
def test_the_front_door_lets_larger_bodies_pass_to_just_the_views_that_take_a_file(
    applications: Mapping[str, flask.Flask], service: str
) -> None:
    app = applications[service]
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            takes = hasattr(app.view_functions[rule.endpoint], CAP)
            passes = any(
                re.fullmatch(pattern, address_of(rule)) and owner == service
                for pattern, owner in UPLOADS.items()
            )
            assert takes == passes, rule.rule


def test_somebody_takes_files(applications: Mapping[str, flask.Flask]) -> None:
    views = [view for app in applications.values() for view in app.view_functions.values()]
    assert any(hasattr(view, CAP) for view in views)


def test_the_largest_file_fits_into_the_largest_body() -> None:
    assert LARGEST < UPLOAD_CAP < LARGEST * 1.1


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_writes_what_it_is_sent_to_a_disk(
    applications: Mapping[str, flask.Flask], service: str
) -> None:
    assert issubclass(applications[service].request_class, InMemoryRequest)
