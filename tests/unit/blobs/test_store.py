"""A store keeps a blob whole or not at all, in a folder, in a bucket, and in the memory that tests use."""

from __future__ import annotations

import importlib.util
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared import ids
from shared.blobs import BadBlobsUrl, BlobsAway, BlobStore, NoSuchBlob, OrphanSweep
from shared.blobs.store import SHARDS
from tests.unit.blobs.bucket import BUCKET, serving
from tests.waiting import until

_names = itertools.count()
HOUR = timedelta(hours=1)


@pytest.fixture(params=["file", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Give an empty store of each kind."""
    if request.param == "file":
        return BlobStore("file", str(tmp_path))
    if request.param == "memory":
        return BlobStore("memory", f"store-{next(_names)}")
    request.getfixturevalue("bucket")
    return BlobStore.at(f"s3://{BUCKET}/530103")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run an S3 of our own, where the environment says that S3 is."""
    with serving() as address:
        settings = {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "of-a-test",
            "AWS_SECRET_ACCESS_KEY": "of-a-test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        yield


def test_a_bucket_that_is_not_there_is_told_as_a_store_that_is_away(bucket: None) -> None:
    with pytest.raises(BlobsAway):
        BlobStore.at("s3://nobodys/530103").put(ids.new(), b"locked")


def everything(store: BlobStore) -> set[str]:
    return {blob for shard in range(SHARDS) for blob, _ in store.written(shard)}


def test_what_was_put_is_there(store: BlobStore) -> None:
    blob = ids.new()
    assert not store.has(blob)
    store.put(blob, b"locked")
    assert store.has(blob)
    assert store.get(blob) == b"locked"
    assert everything(store) == {blob}


def test_what_was_deleted_is_gone_and_deleting_it_again_does_no_harm(store: BlobStore) -> None:
    blob = ids.new()
    store.put(blob, b"locked")
    store.delete(blob)
    store.delete(blob)
    assert everything(store) == set()
    with pytest.raises(NoSuchBlob):
        store.get(blob)


def test_put_again_the_newer_one_counts(store: BlobStore) -> None:
    blob = ids.new()
    store.put(blob, b"first")
    store.put(blob, b"second")
    assert store.get(blob) == b"second"
    assert everything(store) == {blob}


def test_when_it_was_written_is_known(store: BlobStore) -> None:
    blob = ids.new()
    store.put(blob, b"locked")
    ((_, written_at),) = store.written(int(blob[-2:], 16))
    assert abs(datetime.now(UTC) - written_at) < HOUR


def test_a_folder_that_cannot_be_written_is_told_as_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = BlobStore("file", str(tmp_path / "file"))
    with pytest.raises(BlobsAway):
        store.put(ids.new(), b"locked")
    with pytest.raises(BlobsAway):
        store.get(ids.new())


def test_a_disk_without_room_leaves_nothing_behind(tmp_path: Path) -> None:
    store = BlobStore("file", str(tmp_path))
    program = (
        "import resource, sys; from shared.blobs import BlobStore; import signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"BlobStore('file', {str(tmp_path)!r}).put({ids.new()!r}, b'x' * 2000)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "BlobsAway" in done.stderr
    assert everything(store) == set()
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


KILLED = """
import itertools, os, sys
from shared import ids
from shared.blobs import BlobStore
store = BlobStore("file", sys.argv[1])
for number in itertools.count():
    store.put(ids.new(), bytes([number % 251]) * 300_000)
"""


def test_a_process_killed_while_it_writes_leaves_no_half_blob(tmp_path: Path) -> None:
    store = BlobStore("file", str(tmp_path))
    for round_ in range(3):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)]) as writer:
            until(lambda least=6 * round_: len(everything(store)) > least, what="blobs to be written")  # type: ignore[misc]
            os.kill(writer.pid, signal.SIGKILL)
    found = [store.get(blob) for blob in everything(store)]
    assert found
    assert all(len(blob) == 300_000 and len(set(blob)) == 1 for blob in found)


def test_what_was_left_unfinished_goes_with_time(tmp_path: Path) -> None:
    store = BlobStore("file", str(tmp_path))
    store.put(ids.new(), b"locked")
    half = tmp_path / ".new" / f"{ids.new()}.0badcafe"
    half.write_bytes(b"loc")
    now = datetime.now(UTC)
    assert store.remove_unfinished(now - HOUR) == 0
    assert store.remove_unfinished(now + HOUR) == 1
    assert len(everything(store)) == 1


def test_the_sweep_removes_what_no_row_names_and_only_once_it_is_old(store: BlobStore) -> None:
    kept, orphan = ids.new(), ids.new()
    store.put(kept, b"locked")
    store.put(orphan, b"locked")
    now = datetime.now(UTC)
    young = OrphanSweep(store, {kept}.intersection, lambda: now)
    assert young.tick(SHARDS) == 0
    old = OrphanSweep(store, {kept}.intersection, lambda: now + 2 * HOUR)
    assert old.tick(SHARDS) == 1
    assert everything(store) == {kept}
    assert old.tick(SHARDS) == 0


def test_the_sweep_comes_round_to_every_folder(store: BlobStore) -> None:
    for _ in range(20):
        store.put(ids.new(), b"locked")
    sweep = OrphanSweep(store, lambda _: set(), lambda: datetime.now(UTC) + 2 * HOUR)
    assert sum(sweep.tick() for _ in range(SHARDS // 8)) == 20


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    store = BlobStore("file", str(tmp_path))
    folder = tmp_path / "7f"
    folder.mkdir()
    (folder / "README").write_text("of the operator")
    assert OrphanSweep(store, lambda _: set(), lambda: datetime.now(UTC) + 2 * HOUR).tick(SHARDS) == 0
    assert (folder / "README").exists()


def test_the_sweep_waits_for_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = BlobStore("file", str(tmp_path / "file"))
    assert OrphanSweep(store, lambda _: set(), lambda: datetime.now(UTC)).tick(SHARDS) == 0


def test_the_address_is_a_folder_or_a_bucket(tmp_path: Path) -> None:
    folder = tmp_path / "材料 1"
    store = BlobStore.at(folder.as_uri())
    store.put(ids.new(), b"locked")
    assert len(list(folder.rglob("*-*"))) == 1
    assert isinstance(BlobStore.at("s3://aid-papers/530103"), BlobStore)


@pytest.mark.parametrize(
    "url",
    ["", "blobs", "file://elsewhere/blobs", "s3://", "memory://x", "http://papers.example/", "C:\\papers"],
)
def test_any_other_address_is_refused_in_both_languages(url: str) -> None:
    with pytest.raises(BadBlobsUrl) as refused:
        BlobStore.at(url)
    assert "CAREHUT_BLOBS_URL" in refused.value.text.zh
    assert url in refused.value.text.en


def test_without_the_package_for_s3_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(BadBlobsUrl) as refused:
        BlobStore.at("s3://aid-papers/530103")
    assert "requirements-s3.lock" in refused.value.text.en
