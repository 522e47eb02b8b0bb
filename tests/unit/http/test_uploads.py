"""A file in a form: as large as its view allows, in memory alone, each field once, and told apart when sent again."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import pytest

from shared.http.surround import BODY_CAP
from shared.http.uploads import UPLOAD_CAP
from tests.papers import a_form
from tests.unit.http.tiny import Tiny

PATH = "/intake/api/v1/files"


def send(service: Tiny, content: bytes, kind: str | None = "id-card", **more: str) -> Any:
    fields = {} if kind is None else {"kind": kind}
    headers = {**service.bearer(), **more}
    return service.client().post(PATH, **a_form(content, name="张三.pdf", **fields), headers=headers)


def test_a_file_over_the_common_cap_is_taken_where_a_view_says_so(service: Tiny) -> None:
    answer = send(service, b"x" * (BODY_CAP + 1))
    assert (answer.status_code, answer.json) == (201, {"id": BODY_CAP + 1})


def test_a_file_over_its_own_cap_is_refused_with_what_can_be_done(service: Tiny) -> None:
    answer = send(service, b"x" * UPLOAD_CAP)
    assert (answer.status_code, answer.json["type"]) == (413, "urn:aid:problem:too-large")
    assert "10 MiB" in answer.json["messages"]["en"]
    assert service.count() == 0


def test_other_views_keep_the_common_cap(service: Tiny) -> None:
    answer = service.client().post(
        "/intake/api/v1/things", data=b" " * (BODY_CAP + 1), headers=service.bearer()
    )
    assert answer.status_code == 413
    assert "1 MiB" in answer.json["messages"]["en"]


def test_no_part_of_it_becomes_a_temporary_file(
    service: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError), tempfile.TemporaryFile():
        pass
    assert send(service, b"x" * 2_000_000).status_code == 201


def test_what_is_missing_is_named_by_its_field(service: Tiny) -> None:
    headers = service.bearer()
    answer = service.client().post(
        PATH, data={"file": "no file"}, content_type="multipart/form-data", headers=headers
    )
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == ["kind", "file"]


def test_one_field_may_be_sent_once_only(service: Tiny) -> None:
    form = {"kind": ["id-card", "receipts"], "file": (io.BytesIO(b"1"), "1")}
    answer = service.client().post(
        PATH, data=form, content_type="multipart/form-data", headers=service.bearer()
    )
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "kind")


def test_json_is_not_what_is_read_here(service: Tiny) -> None:
    assert service.client().post(PATH, json={"kind": "x"}, headers=service.bearer()).status_code == 415


def test_the_same_key_with_the_same_file_takes_effect_once_whatever_stands_between_its_parts(
    service: Tiny,
) -> None:
    first, again = (send(service, b"a page", **{"Idempotency-Key": "k-1"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert service.count() == 1


def test_the_same_key_with_another_file_is_refused(service: Tiny) -> None:
    send(service, b"a page", **{"Idempotency-Key": "k-1"})
    answer = send(service, b"another", **{"Idempotency-Key": "k-1"})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert service.count() == 1


def test_it_is_described_as_a_form_with_a_file(service: Tiny) -> None:
    described = service.client().get("/intake/openapi.json").json
    body = described["paths"][PATH]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    schema = described["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    assert schema["properties"]["file"] == {"type": "string", "format": "binary"}
    assert set(schema["required"]) == {"kind", "file"}
