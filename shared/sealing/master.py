"""The master key, which wraps every private key in the databases and itself lies outside them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.sealing.errors import MasterKeyError

KEY_BYTES = 32
NAME = "CAREHUT_MASTER_KEY"
SOURCES = (NAME, f"{NAME}_FILE", f"{NAME}_COMMAND")
HOME_FILE = "master.key"
COMMAND_SECONDS = 30
_FORMAT = b"\x01"
_NONCE = 12
_IDENTITY = 8


@dataclass(frozen=True, slots=True)
class MasterKey:
    """32 secret bytes and where they came from (a name of ``SOURCES``, or ``home``).

    ``older`` are master keys that are being replaced: they unwrap what they once wrapped, and wrap nothing.
    """

    secret: bytes = field(repr=False)
    source: str = "given"
    older: tuple[bytes, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for secret in (self.secret, *self.older):
            if len(secret) != KEY_BYTES:
                raise MasterKeyError(f"a master key has {KEY_BYTES} bytes, this one has {len(secret)}")

    @classmethod
    def generate(cls) -> MasterKey:
        """Make a new one, for tests and for installers."""
        return cls(os.urandom(KEY_BYTES), "generated")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], home: Path, *, demo: bool) -> MasterKey:
        """Read the master key from the one place that is set.

        ``CAREHUT_MASTER_KEY`` holds it (base64 or 64 hexadecimal digits), ``…_FILE`` names a file that does,
        ``…_COMMAND`` a command that prints it. While it is replaced, the older one stands after it, on a line of its
        own or behind a space. Without any, a demo pack keeps its own in ``home/master.key``
        (mode 0600, made at first use); every other pack refuses a key that lies under ``home``, because who
        copies the data would copy the key with it.

        Raises:
            MasterKeyError: naming the environment variable and the remedy.
        """
        given = [name for name in SOURCES if environ.get(name)]
        if len(given) > 1:
            raise MasterKeyError(f"{' and '.join(given)} are both set; keep one")
        if given:
            name = given[0]
            return cls._of(_fetch(name, environ[name], home, demo=demo), name, name)
        if demo:
            return cls._of(_kept_at(home), str(home / HOME_FILE), "home")
        raise MasterKeyError(f"set one of {', '.join(SOURCES)}; a key under {home} is for demo packs only")

    @classmethod
    def _of(cls, text: str, place: str, source: str) -> MasterKey:
        first, *older = [_decode(word, place) for word in text.split() or [""]]
        return cls(first, source, tuple(older))

    @property
    def identity(self) -> bytes:
        """What tells this master key from others, and nothing else of it (8 bytes)."""
        return _identity(self.secret)

    def each(self) -> Iterator[MasterKey]:
        """Give every master key there is on its own, this one first."""
        return (MasterKey(secret, self.source) for secret in (self.secret, *self.older))

    def wraps(self, wrapped: bytes) -> bool:
        """Tell whether this very master key wrapped something, and not an older one."""
        return wrapped[len(_FORMAT) : len(_FORMAT) + _IDENTITY] == self.identity

    def written(self) -> str:
        """Give the key as a file or the environment holds it, without older ones."""
        return base64.b64encode(self.secret).decode()

    def wrap(self, kid: str, secret: bytes) -> bytes:
        """Encrypt key material for the keys table, bound to its key id."""
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self.secret).encrypt(nonce, secret, kid.encode())
        return _FORMAT + self.identity + nonce + sealed

    def unwrap(self, kid: str, wrapped: bytes) -> bytes:
        """Undo ``wrap``.

        Raises:
            MasterKeyError: when another master key wrapped it, it was changed, or it belongs to another id.
        """
        head = len(_FORMAT) + _IDENTITY
        if wrapped[: len(_FORMAT)] != _FORMAT:
            raise MasterKeyError(f"key {kid} is stored in an unknown format")
        known = {_identity(secret): secret for secret in (*self.older, self.secret)}
        secret = known.get(wrapped[len(_FORMAT) : head])
        if secret is None:
            raise MasterKeyError(
                f"key {kid} was wrapped by another master key than the one from {self.source}"
            )
        try:
            return AESGCM(secret).decrypt(
                wrapped[head : head + _NONCE], wrapped[head + _NONCE :], kid.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise MasterKeyError(f"key {kid} was changed in the database") from error


def _identity(secret: bytes) -> bytes:
    return hmac.digest(secret, b"aid master key identity", hashlib.sha256)[:_IDENTITY]


def _fetch(name: str, value: str, home: Path, *, demo: bool) -> str:
    if name == NAME:
        return value
    if name.endswith("_FILE"):
        path = Path(value)
        if not demo and path.resolve().is_relative_to(home.resolve()):
            raise MasterKeyError(f"{name} names a file under {home}; keep the master key off the data's disk")
        try:
            return path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise MasterKeyError(f"{name}: {value} cannot be read") from error
    try:
        # The operator's own command from the operator's own environment; no shell takes part.
        done = subprocess.run(  # noqa: S603
            shlex.split(value), check=True, capture_output=True, text=True, timeout=COMMAND_SECONDS
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        # The command's output may hold the key: only the kind of failure is told.
        raise MasterKeyError(f"{name}: the command failed ({type(error).__name__})") from None
    return done.stdout


def _decode(text: str, place: str) -> bytes:
    try:
        if len(text) == 2 * KEY_BYTES:
            return bytes.fromhex(text)
        standard = text.replace("-", "+").replace("_", "/")
        secret = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (ValueError, binascii.Error):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise MasterKeyError(f"{place} does not hold {KEY_BYTES} bytes in base64 or hexadecimal digits")
    return secret


def _kept_at(home: Path) -> str:
    path = home / HOME_FILE
    try:
        if not path.exists():
            home.mkdir(parents=True, exist_ok=True)
            _create(path)
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise MasterKeyError(f"{path} cannot be read or made") from error


def _create(path: Path) -> None:
    # Written whole under another name and then linked: of several processes that start together one wins, and
    # none ever reads half a key. mkstemp makes files that only their owner may read (0600).
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return
    finally:
        temporary.unlink()
