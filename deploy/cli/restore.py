"""``carehut restore``: make an installation again from a backup, where there is none."""

from __future__ import annotations

from pathlib import Path

import click

from deploy.cli.words import Refusal, Text, refuse, say, tell

_HELP = Text(
    "由 FOLDER 中的备份恢复安装：写入空的数据库与材料库，并逐表核对行数。需要同一主密钥。消息队列不在备份中，"
    "由 carehut topology apply 新建，未送达的由 carehut reconcile 补发。步骤见 deploy/runbook.md。",
    "Make an installation again from the backup in FOLDER, on empty databases and an empty store, and count every "
    "table's rows. The same master key is needed. Queues are not in a backup: carehut topology apply makes them, and "
    "carehut reconcile delivers what was under way. The steps are in deploy/runbook.md.",
)


@click.command(help=say(_HELP))
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def restore(folder: Path) -> None:
    """Restore the installation."""
    from contextlib import closing

    from deploy.installation import Installation
    from deploy.pg_programs import BackupRefused
    from deploy.restore import restore as put_back
    from shared.audit import INSERT_ONLY
    from shared.blobs import BlobStore
    from shared.db.migrate import migrate
    from shared.directory import find_pack, load_pack
    from shared.sealing.master import HOME_FILE, SOURCES

    with closing(Installation()) as installation:
        given = any(installation.environ.get(name) for name in SOURCES)
        if not given and not (installation.home.path / HOME_FILE).exists():
            refuse(
                "尚未给出主密钥，未作任何改动。",
                "No master key is given; nothing was changed.",
                remedy=Text(
                    "先恢复主密钥：carehut keys join --to FILE，再设置 CAREHUT_MASTER_KEY_FILE。",
                    "Put it together first (carehut keys join --to FILE) and set CAREHUT_MASTER_KEY_FILE.",
                ),
            )
        if installation.embedded:
            installation.home.create()
        # Which keys may lie beside the data is the pack's to say; with one given elsewhere it makes no difference.
        master = installation.master(demo=given or load_pack(find_pack(installation.code)).demo)
        databases = installation.databases(owner=True)
        try:
            held = put_back(
                folder,
                databases,
                BlobStore.at(installation.blobs_url),
                district=installation.code,
                master=master,
            )
        except BackupRefused as error:
            raise Refusal(error.problem, error.remedy) from error
        for service, database in databases.items():
            migrate(database, service, INSERT_ONLY)
        tell(
            Text(
                f"已恢复 {held.made_at} 的备份，各表行数相符。",
                f"Restored as of {held.made_at}; every table has all its rows.",
            )
        )
        tell(
            Text(
                "下一步：carehut erasures apply 最新名单，再启动服务。"
                if installation.embedded
                else "下一步：carehut erasures apply 最新名单，carehut topology apply，启动服务，"
                "一分钟后 carehut reconcile。",
                "Next: carehut erasures apply with the newest list, then start it."
                if installation.embedded
                else "Next: carehut erasures apply with the newest list, carehut topology apply, start the services, "
                "and carehut reconcile a minute later.",
            )
        )
