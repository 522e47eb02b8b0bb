"""The description of the API is valid and true."""

from __future__ import annotations

import pytest
from openapi_spec_validator import validate

from tests.unit.http.tiny import Tiny


def test_the_description_is_valid_openapi_3_1(service: Tiny) -> None:
    document = service.client().get("/intake/openapi.json").json
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_errors_are_described_as_problems(service: Tiny) -> None:
    document = service.client().get("/intake/openapi.json").json
    operation = document["paths"]["/intake/api/v1/things"]["post"]
    reference = operation["responses"]["default"]["$ref"].rsplit("/", 1)[1]
    assert set(document["components"]["responses"][reference]["content"]) == {"application/problem+json"}
    assert "errors" in document["components"]["schemas"]["ProblemDetails"]["properties"]


def test_open_operations_need_no_sign_in_and_all_others_do(service: Tiny) -> None:
    document = service.client().get("/intake/openapi.json").json
    assert document["security"] == [{"bearer": []}, {"cookie": []}]
    assert document["paths"]["/intake/api/v1/broken"]["get"]["security"] == []
    assert document["paths"]["/intake/api/v1/legs/{leg}/{verb}"]["post"]["x-actions"] == [
        "referrals.accept",
        "referrals.close",
    ]


@pytest.mark.parametrize("word", ["care hut", "爱心小屋", "禁毒", "戒毒", "康复", "rehab", "drug"])
def test_it_says_nothing_of_who_asks(service: Tiny, word: str) -> None:
    assert word not in service.client().get("/intake/openapi.json").text.lower()
