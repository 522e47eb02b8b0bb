"""Acting as a member of staff on the command line: the account must exist and may not be disabled."""

from __future__ import annotations

from services.intake.persistence import staff as accounts
from shared import ids
from shared.db import Database
from shared.directory import District
from shared.identity import Principal, Role
from shared.text import Text


class NoSuchStaff(Exception):
    """There is no account that may do this; ``text`` says which and why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def principal(intake: Database, staff: str) -> Principal:
    """Give the principal of an account.

    Raises ``NoSuchStaff`` for one that does not exist or is disabled.
    """
    with intake.read() as connection:
        account = accounts.find(connection, staff)
    if account is None:
        raise NoSuchStaff(Text(f"没有账号 {staff}。", f"There is no account {staff}."))
    if account.disabled_at is not None:
        raise NoSuchStaff(Text(f"账号 {staff} 已停用。", f"The account {staff} is disabled."))
    return Principal(staff=account.id, session=ids.new(), posts=account.posts)


def who_files(intake: Database, district: District) -> str:
    """Name the one account that files requests; raises ``NoSuchStaff`` where there are several or none."""
    filing = sorted(_filing(intake, district))
    if len(filing) != 1:
        names = ", ".join(filing) or "-"
        raise NoSuchStaff(
            Text(f"请用 --as 指定登记账号，可选：{names}。", f"Say with --as who files; there are: {names}.")
        )
    return filing[0]


def who_files_first(intake: Database, district: District) -> str:
    """Name the account that comes first in the pack of those that file requests; raises ``NoSuchStaff`` for none."""
    filing = _filing(intake, district)
    if not filing:
        raise NoSuchStaff(
            Text(
                "没有可登记申请的账号：地区配置中须有登记岗，且其账号未停用。",
                "Nobody can file: the district's pack needs the post of a desk, whose account is not disabled.",
            )
        )
    return filing[0]


def _filing(intake: Database, district: District) -> list[str]:
    listed = [member.id for member in district.staff if any(post.role == Role.HUT for post in member.posts)]
    with intake.read() as connection:
        known = [accounts.find(connection, staff) for staff in listed]
    return [account.id for account in known if account and account.disabled_at is None]
