"""Which tests are gone through on PostgreSQL once more in every run, and which in the long run alone."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
RULES = (
    *(
        "intake/test_accounts.py",
        "intake/test_api.py",
        "intake/test_api_life.py",
        "intake/test_capacities.py",
    ),
    *(
        "deploy/test_index_rotation.py",
        "intake/test_drafts.py",
        "intake/test_follow_up.py",
        "intake/test_hand_over_page.py",
    ),
    *("intake/test_kept_papers.py", "intake/test_leads.py", "intake/test_mirror.py", "intake/test_pages.py"),
    *("intake/test_papers.py", "intake/test_read.py", "intake/test_screenings.py"),
    *("intake/test_street_check.py", "intake/test_withdrawing.py"),
    *(
        "legs/test_answer_owed.py",
        "legs/test_closing.py",
        "legs/test_consents.py",
        "legs/test_corrections.py",
    ),
    "intake/test_second_factor.py",
    *("legs/test_handing_on.py", "legs/test_moves.py", "legs/test_papers.py", "legs/test_records.py"),
    *("legs/test_routing.py", "legs/test_successors.py", "legs/test_wishes_to_withdraw.py"),
    *("referrals/test_acting.py", "referrals/test_approving.py", "referrals/test_assigning.py"),
    *("referrals/test_due_moves.py", "referrals/test_handing_over.py", "referrals/test_notes.py"),
    *("referrals/test_opening.py", "referrals/test_reasons.py", "referrals/test_statistics_asked.py"),
    *("referrals/test_supervising.py", "referrals/test_timeline.py"),
)
"""Files about rules: what they ask of a database, others beside them ask of both, and so do the flows."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the second round of what is about rules, on PostgreSQL, to ``make long``."""
    files = {HERE / name for name in RULES}
    gone = [str(file) for file in files if not file.is_file()]
    if gone:
        raise pytest.UsageError(f"{__file__} names files that are gone: {', '.join(gone)}")
    for item in items:
        if item.path in files and item.get_closest_marker("postgres") is not None:
            item.add_marker("again")
