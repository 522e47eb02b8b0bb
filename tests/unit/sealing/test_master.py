"""The master key: one source, never beside the data, and nothing unwraps with another."""

from __future__ import annotations

import base64
import shlex
import stat
import sys
import threading
from pathlib import Path

import pytest

from shared.sealing import MasterKey, MasterKeyError

SECRET = bytes(range(32))
TEXT = base64.b64encode(SECRET).decode()


def read(environ: dict[str, str], home: Path, *, demo: bool = False) -> MasterKey:
    return MasterKey.from_environment(environ, home, demo=demo)


@pytest.mark.parametrize("text", [TEXT, TEXT.rstrip("="), SECRET.hex(), f"  {TEXT}\n"])
def test_it_is_read_from_the_environment(tmp_path: Path, text: str) -> None:
    assert read({"CAREHUT_MASTER_KEY": text}, tmp_path).secret == SECRET


def test_it_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "key"
    file.parent.mkdir()
    file.write_text(TEXT)

    assert read({"CAREHUT_MASTER_KEY_FILE": str(file)}, tmp_path / "home").secret == SECRET


def test_it_is_read_from_a_command(tmp_path: Path) -> None:
    command = shlex.join([sys.executable, "-c", f"print({TEXT!r})"])

    assert read({"CAREHUT_MASTER_KEY_COMMAND": command}, tmp_path).secret == SECRET


def test_a_failing_command_does_not_tell_its_output(tmp_path: Path) -> None:
    command = shlex.join([sys.executable, "-c", f"print({TEXT!r}); raise SystemExit(1)"])

    with pytest.raises(MasterKeyError) as failed:
        read({"CAREHUT_MASTER_KEY_COMMAND": command}, tmp_path)
    assert TEXT not in str(failed.value)
    assert failed.value.__cause__ is None


def test_two_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="both set"):
        read({"CAREHUT_MASTER_KEY": TEXT, "CAREHUT_MASTER_KEY_FILE": "/elsewhere"}, tmp_path, demo=True)


def test_without_any_a_real_district_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="CAREHUT_MASTER_KEY_FILE"):
        read({}, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["short", "A" * 44, TEXT[:-8], "密钥", "="])
def test_what_is_no_key_is_refused_without_being_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(MasterKeyError, match="CAREHUT_MASTER_KEY does not hold") as refused:
        read({"CAREHUT_MASTER_KEY": text}, tmp_path)
    assert text not in str(refused.value) or text == "="


def test_a_real_districts_key_may_not_lie_beside_the_data(tmp_path: Path) -> None:
    file = tmp_path / "home" / "secrets" / "key"
    file.parent.mkdir(parents=True)
    file.write_text(TEXT)
    link = tmp_path / "link"
    link.symlink_to(file)

    for path in (file, link):
        with pytest.raises(MasterKeyError, match="off the data's disk"):
            read({"CAREHUT_MASTER_KEY_FILE": str(path)}, tmp_path / "home")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="cannot be read"):
        read({"CAREHUT_MASTER_KEY_FILE": str(tmp_path / "missing")}, tmp_path / "home")


def test_a_demo_makes_its_key_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"

    first, second = (read({}, home, demo=True) for _ in range(2))

    assert first.secret == second.secret
    assert first.source == "home"
    assert stat.S_IMODE((home / "master.key").stat().st_mode) == 0o600
    assert [file.name for file in home.iterdir()] == ["master.key"]


def test_processes_that_start_together_agree_on_one_demo_key(tmp_path: Path) -> None:
    start = threading.Barrier(8)
    found: list[bytes] = []

    def begin() -> None:
        start.wait()
        found.append(read({}, tmp_path, demo=True).secret)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_wrapped_keys_come_back_and_differ_each_time() -> None:
    master = MasterKey(SECRET)

    wrapped = [master.wrap("kid", b"secret") for _ in range(2)]

    assert wrapped[0] != wrapped[1]
    assert [master.unwrap("kid", one) for one in wrapped] == [b"secret", b"secret"]


def test_a_wrapped_key_belongs_to_its_id() -> None:
    master = MasterKey(SECRET)

    with pytest.raises(MasterKeyError, match="changed"):
        master.unwrap("other", master.wrap("kid", b"secret"))


def test_another_master_key_is_recognised() -> None:
    with pytest.raises(MasterKeyError, match="another master key"):
        MasterKey.generate().unwrap("kid", MasterKey(SECRET).wrap("kid", b"secret"))


@pytest.mark.parametrize("wrapped", [b"", b"\x02" + bytes(60), b"\x01"])
def test_an_unknown_format_is_refused(wrapped: bytes) -> None:
    with pytest.raises(MasterKeyError):
        MasterKey(SECRET).unwrap("kid", wrapped)


def test_a_truncated_wrapping_is_refused() -> None:
    master = MasterKey(SECRET)

    with pytest.raises(MasterKeyError, match="changed"):
        master.unwrap("kid", master.wrap("kid", b"secret")[:25])


def test_it_does_not_show_itself() -> None:
    assert str(SECRET) not in repr(MasterKey(SECRET))
    assert "secret" not in repr(MasterKey(SECRET))
