"""``carehut backup``: copy the installation to a folder while it runs."""

from __future__ import annotations

from pathlib import Path

import click

from deploy.cli.words import Refusal, Text, say, tell

_HELP = Text(
    "将整个安装（三个数据库、材料与扫描件）复制到 FOLDER，服务照常运行。FOLDER 中已有的材料不再复制。"
    "主密钥不在其中：另行保管（carehut keys escrow）。",
    "Copy the installation (three databases, papers, slips) into FOLDER, while it runs. Papers that are there from an "
    "earlier backup are not copied again. The master key is not in it: keep it elsewhere (carehut keys escrow).",
)


@click.command(help=say(_HELP))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def backup(folder: Path) -> None:
    """Back up the installation."""
    from contextlib import closing
    from datetime import UTC, datetime

    from deploy.backup import back_up
    from deploy.cli.files import refuse_under
    from deploy.installation import Installation
    from deploy.pg_programs import BackupRefused
    from shared.blobs import BlobStore

    with closing(Installation()) as installation:
        refuse_under(installation.home.path, folder)
        master = installation.master(demo=installation.district.demo)
        try:
            made = back_up(
                installation.databases(owner=True),
                BlobStore.at(installation.blobs_url),
                folder,
                district=installation.code,
                master=master.identity,
                now=datetime.now(UTC),
            )
        except BackupRefused as error:
            raise Refusal(error.problem, error.remedy) from error
        rows = sum(count for tables in made.rows.values() for count in tables.values())
        blobs = sum(made.blobs.values())
        tell(
            Text(
                f"{folder}：{rows} 行，{blobs} 份材料。恢复方法：carehut restore {folder}",
                f"{folder}: {rows} rows, {blobs} papers and slips. To restore: carehut restore {folder}",
            )
        )
