"""A request sent again takes effect once and gets the first answer again."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from shared.http.idempotency import KeyedOnce, forget_old_keys
from shared.http.problems import Conflict
from shared.http.tables import idempotency_keys
from shared.identity import Post
from tests.conftest import MakeDatabase
from tests.unit.http.tiny import Tiny, tiny

PATH = "/intake/api/v1/things"
GOOD: dict[str, Any] = {"name": "x", "legs": [{"programme": "dibao"}]}
KEY = {"Idempotency-Key": "2c1f8e0a-a-key"}


@pytest.fixture
def service(database: MakeDatabase) -> Tiny:
    """A tiny service on each kind of database."""
    made = database("notifications")
    if made.dialect == "postgresql":
        made = database("notifications", "owner")
    return tiny(made)


def test_the_replay_gives_the_first_status_and_body(service: Tiny) -> None:
    headers = service.bearer() | KEY
    first = service.client().post(PATH, json=GOOD, headers=headers)
    again = service.client().post(
        PATH,
        data=b'{"legs":[{"programme":"dibao"}], "name": "x"}',
        content_type="application/json",
        headers=headers,
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["id"] == again.json["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert service.count() == 1


def test_another_body_under_the_same_key_is_422(service: Tiny) -> None:
    headers = service.bearer() | KEY
    service.client().post(PATH, json=GOOD, headers=headers)
    answer = service.client().post(PATH, json=GOOD | {"name": "y"}, headers=headers)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"
    assert service.count() == 1


def test_keys_are_each_ones_own(service: Tiny) -> None:
    other = Post("hut", unit="530103004008")
    service.client().post(PATH, json=GOOD, headers=service.bearer() | KEY)
    service.client().post(PATH, json=GOOD, headers=service.bearer(other, staff="other") | KEY)
    assert service.count() == 2


def test_a_refused_request_leaves_its_key_free(service: Tiny) -> None:
    headers = service.bearer() | KEY
    assert service.client().post(PATH, json={}, headers=headers).status_code == 422
    assert service.client().post(PATH, json=GOOD, headers=headers).status_code == 201


def test_after_seven_days_a_key_is_new_again(service: Tiny) -> None:
    service.client().post(PATH, json=GOOD, headers=service.bearer() | KEY)
    service.clock.move_to(service.clock.now() + timedelta(days=7, seconds=1))
    assert service.client().post(PATH, json=GOOD, headers=service.bearer() | KEY).status_code == 201
    assert service.count() == 2


def test_old_keys_are_forgotten(service: Tiny) -> None:
    service.client().post(PATH, json=GOOD, headers=service.bearer() | KEY)
    assert forget_old_keys(service.database, service.clock.now() + timedelta(days=6)) == 0
    assert forget_old_keys(service.database, service.clock.now() + timedelta(days=8)) == 1


@pytest.mark.parametrize("key", ["", "a b", "ключ", "x" * 129])
def test_an_odd_key_is_refused(service: Tiny, key: str) -> None:
    answer = service.client().post(
        PATH, json=GOOD, headers=service.bearer() | {"Idempotency-Key": key.encode().decode("latin-1")}
    )
    assert answer.status_code == 422
    assert service.count() == 0


def test_the_stored_answer_cannot_be_read_in_the_database(service: Tiny) -> None:
    service.client().post(PATH, json=GOOD, headers=service.bearer() | KEY)
    with service.database.read() as connection:
        row = connection.execute(sa.select(idempotency_keys)).one()
    assert b'"id"' not in row.body
    assert b"2c1f8e0a" not in row.id


def test_many_at_once_take_effect_once(service: Tiny) -> None:
    headers = service.bearer() | KEY
    start = threading.Barrier(8)
    answers: list[tuple[int, Any]] = []

    def send() -> None:
        start.wait()
        answer = service.client().post(PATH, json=GOOD, headers=headers)
        answers.append((answer.status_code, answer.json.get("id")))

    for _ in range(5):
        threads = [threading.Thread(target=send) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert service.count() == 1
    assert {status for status, _ in answers} <= {201, 409}
    assert {made for status, made in answers if status == 201} == {1}


def test_while_the_first_runs_the_second_is_told_to_wait(service: Tiny) -> None:
    if service.database.dialect == "sqlite":
        pytest.skip("SQLite lets one writer in at a time: the second waits by itself")

    def once() -> KeyedOnce:
        return KeyedOnce(
            key=b"i" * 32,
            fingerprint=b"f" * 32,
            status=201,
            render=dict,
            keyring=service.keyring,
            now=service.clock.now(),
        )

    with service.database.unit_of_work(once=once()) as first:
        first.result = {"id": 1}
        with pytest.raises(Conflict) as caught, service.database.unit_of_work(once=once()):
            pytest.fail("the second was let in")
    assert caught.value.headers["Retry-After"] == "1"
