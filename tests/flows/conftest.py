"""One full run with a story played in it, shared by all tests that look for traces of what was said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from deploy.embedded.environment import SERVICES
from deploy.local import FullRun, Missing, Servers
from shared.db import Database
from shared.identity import Post, Principal
from shared.sealing import Keyring, MasterKey
from tests.conftest import absent
from tests.databases import kept_open
from tests.flows.label import Story, play


@dataclass(frozen=True)
class Told:
    """The story, the run it was played in, its databases as their owners see them, and a key to sign people in."""

    story: Story
    full: FullRun
    databases: Mapping[str, Database]
    keyring: Keyring

    def bearer(self, staff: str, *posts: Post, at: datetime | None = None) -> str:
        """Sign a token for somebody with these posts."""
        principal = Principal(staff=staff, session=f"session of {staff}", posts=posts)
        return self.keyring.tokens.sign(principal, at or datetime.now(UTC))


@pytest.fixture(scope="session")
def told() -> Iterator[Told]:
    """Run everything on servers of its own and play the story."""
    with Servers.temporary(nginx=True, durable=False) as servers, kept_open() as keep:
        full = FullRun(servers)
        try:
            full.start()
        except Missing as error:
            absent(str(error))
        databases = {name: keep(Database(servers.postgres_url(name, "owner"))) for name in SERVICES}
        master = MasterKey.from_environment(full.settings(), servers.folder / "home", demo=True)
        keyring = Keyring(databases["intake"], master)

        def sign(staff: str, unit: str) -> str:
            principal = Principal(staff=staff, session="another desk", posts=(Post("hut", unit=unit),))
            return keyring.tokens.sign(principal, datetime.now(UTC))

        try:
            story = play(full.url, sign)
            yield Told(story, full, databases, keyring)
            story.close()
        finally:
            full.discard()
