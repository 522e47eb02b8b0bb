"""The audit log is the record of provision: what of a person went to whom, kept as long as the log is."""

from __future__ import annotations

from services.intake.use_cases.context import Context
from services.intake.use_cases.submit_request import submit_request
from shared.audit import AuditQuery, search
from tests.builders import a_command, a_principal


def test_a_filing_says_to_which_agencies_which_kinds_of_data_went(context: Context) -> None:
    filed = submit_request(context, a_principal("hut"), a_command("dibao"))
    with context.database.read() as connection:
        (line,) = search(connection, AuditQuery(action="request.filed"), limit=2)
    (leg,) = filed["legs"]
    (sent,) = line.detail["sent"]
    assert (sent["leg"], sent["agency"]) == (leg["id"], leg["agency"])
    assert "identity" in sent["kinds"]
