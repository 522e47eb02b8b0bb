"""``carehut submit``: file the requests that a JSON file lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deploy.cli.acting import intake
from deploy.cli.words import Refusal, Text, refuse, say, tell

if TYPE_CHECKING:
    from deploy.submit.rows import Filed

_HELP = Text(
    "从文件登记申请：JSON 列表，每行与 POST /intake/api/v1/requests 的内容相同，每个接收单位的同意须写明签字同意书的"
    "编号和日期（form），没有的留作草稿。逐行登记，出错的行按行号与字段说明，其余照常；再次运行不会重复登记。"
    "有任何一行失败则退出码为 1。",
    "File the requests of a JSON list, each row as for POST /intake/api/v1/requests, with number and date of the "
    "signed form for each agency's consent (form); without it a row stays a draft. Rows are filed one by one; what is "
    "wrong is named by row and field, and the others go on. Run again, it files nothing twice. Exit code 1 if any row "
    "failed.",
)
_AS = Text("登记人账号；只有一个登记账号时可省略", "who files; may be left out where only one account files")
_NOT_RUNNING = Text(
    "注意：服务未在运行；已登记的申请在 carehut run 启动后发出。",
    "Note: no server runs; what was filed is sent on when carehut run starts.",
)

_DRAFTS = Text(
    "{drafts} 行留作草稿：在窗口补齐同意后提交。",
    "{drafts} stay drafts: complete their consents at the desk, then submit them.",
)


@click.command(help=say(_HELP))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--as", "staff", metavar="STAFF", help=say(_AS))
def submit(file: Path, staff: str | None) -> None:
    """File the rows of a file."""
    from deploy.embedded.lock import is_held
    from deploy.installation import Installation
    from deploy.submit.rows import BadFile, file_rows, read_rows
    from deploy.submit.staff import NoSuchStaff, principal, who_files
    from services.intake.domain.errors import NoPost
    from shared.identity import Forbidden

    installation = Installation()
    try:
        rows = read_rows(file)
        parts = intake(installation)
        who = principal(parts.database, staff or who_files(parts.database, parts.directory.current()))
        with click.progressbar(length=len(rows), label=say(Text("登记", "Filing"))) as bar:
            done: list[Filed] = []
            for filed in file_rows(parts, who, rows, file.name):
                done.append(filed)
                bar.update(1)
    except (BadFile, NoSuchStaff) as error:
        raise Refusal(error.text) from error
    except (Forbidden, NoPost):
        refuse(
            f"账号 {who.staff} 不能登记申请。",
            f"The account {who.staff} may not file requests.",
            remedy=Text("用 --as 指定登记岗的账号。", "Name an account of an intake desk with --as."),
        )
    if (
        any(_is_new(filed) for filed in done)
        and installation.embedded
        and not is_held(installation.home.lock)
    ):
        tell(_NOT_RUNNING, error=True)
    _report(done)


def _is_new(filed: Filed) -> bool:
    return filed.number is not None and not filed.before


def _report(done: list[Filed]) -> None:
    for filed in done:
        for fault in filed.faults:
            tell(
                Text("第 {row} 行 {field}：{said}", "row {row}, {field}: {said}").format(
                    row=filed.row, field=fault.field, said=say(fault.message)
                ),
                error=True,
            )
        for fault in () if filed.before else filed.lacks:
            tell(
                Text(
                    "第 {row} 行留作草稿，{field}：{said}", "row {row} stays a draft, {field}: {said}"
                ).format(row=filed.row, field=fault.field, said=say(fault.message)),
                error=True,
            )
    new = sum(map(_is_new, done))
    before = sum(filed.before and filed.draft is None for filed in done)
    failed = sum(bool(filed.faults) for filed in done)
    counts = Text(
        "新登记 {new} 行，早已登记 {before} 行，失败 {failed} 行。",
        "{new} filed, {before} filed before, {failed} failed.",
    ).format(new=new, before=before, failed=failed)
    tell(counts)
    drafts = sum(filed.draft is not None for filed in done)
    if drafts:
        tell(_DRAFTS.format(drafts=drafts))
    if failed:
        click.get_current_context().exit(1)
