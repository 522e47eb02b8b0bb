"""``carehut erasures``: the list of tombstones tells of nobody, and is applied as often as one likes."""

from __future__ import annotations

from pathlib import Path

from services.intake.use_cases.erase_person import approve_erasure, ask_erasure
from services.intake.use_cases.read_requests import read_request
from tests.builders import a_principal
from tests.integration.resent.conftest import embedded
from tests.integration.resent.site import Site

__all__ = ["embedded"]  # a fixture


def test_who_was_erased_is_listed_by_request_and_erased_again_where_need_be(
    embedded: Site, tmp_path: Path
) -> None:
    site, hut = embedded, a_principal()
    request = site.file("dibao")["id"]
    with site.working("intake", "referrals", "notifications"):
        site.until_published("intake", "referrals")
        site.withdraw(request)
        site.until_published("intake", "referrals")
    intake = site.installation.intake()
    person = str(read_request(intake, hut, request)["person_id"])
    asked = ask_erasure(intake, hut, person, "no-longer-needed")
    assert site.carehut("erasures", "list") == ""
    approve_erasure(intake, a_principal("auditor"), asked["id"])
    listed = site.carehut("erasures", "list")
    assert listed.split()[0] == request
    file = tmp_path / "erased.txt"
    file.write_text(listed, "utf-8")
    # Its tombstone has not been delivered yet: referrals and notifications are brought up to it.
    assert "Erased again in 2 places; 1 on the list." in site.carehut("erasures", "apply", str(file))
    assert "Erased again in 0 places; 1 on the list." in site.carehut("erasures", "apply", str(file))
    file.write_text(listed + "nonsense\n", "utf-8")
    assert "Line 2 is no tombstone." in site.carehut("erasures", "apply", str(file), code=1)
