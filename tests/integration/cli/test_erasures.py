"""``carehut erasures``: the list of tombstones tells of nobody, and is applied as often as one likes."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from deploy.cli.erasures import erasures
from services.intake.use_cases.erase_person import approve_erasure, ask_erasure
from tests.builders import Installation, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, BothWays


def environment(installation: Installation, home: Path) -> dict[str, str]:
    """Give the settings under which a command finds an installation."""
    addresses = {
        f"CAREHUT_{name.upper()}_DATABASE_URL": one.url for name, one in installation.databases.items()
    }
    return addresses | {
        "CAREHUT_DISTRICT": installation.district.code,
        "CAREHUT_HOME": str(home),
        "CAREHUT_PUBLIC_URL": "http://127.0.0.1",
        "CAREHUT_MASTER_KEY": installation.master.secret.hex(),
        "LC_ALL": "C.UTF-8",
    }


def test_who_was_erased_is_listed_by_request_and_erased_again_where_need_be(
    sqlite_database: MakeDatabase, tmp_path: Path
) -> None:
    ways = BothWays(an_installation(sqlite_database))
    settings = environment(ways.installation, tmp_path / "home")

    def command(*words: str) -> Result:
        return CliRunner().invoke(erasures, words, env=settings)

    request = ways.file("dibao")["id"]
    ways.withdraw(request)
    asked = ask_erasure(ways.intake, HUT, str(ways.seen(request)["person_id"]), "no-longer-needed")
    assert command("list").output == ""
    approve_erasure(ways.intake, a_principal("auditor"), asked["id"])
    listed = command("list").output
    assert listed.split()[0] == request
    file = tmp_path / "erased.txt"
    file.write_text(listed, "utf-8")
    # Its tombstone has not been delivered: referrals is brought up to it, and notifications was told nothing yet.
    assert "Erased again in 1 places; 1 on the list." in command("apply", str(file)).output
    assert "Erased again in 0 places; 1 on the list." in command("apply", str(file)).output
    file.write_text(listed + "nonsense\n", "utf-8")
    refused = command("apply", str(file))
    assert (refused.exit_code, "Line 2 is no tombstone." in refused.output) == (1, True)
