"""What a command says when something it stands on is missing, wrong or away; read only when that has happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from deploy.cli.words import Refusal
from deploy.embedded.prepare import CannotRunHere
from deploy.front.nginx import BadSettings
from deploy.keys import BadAgencyKey
from deploy.serve import PlainHttp
from services.referrals.domain.capacity import NoPlaceLeft
from shared.blobs import BadBlobsUrl, BlobsAway
from shared.channels import BadChannelSettings
from shared.db import driver_words
from shared.directory import NoDistrict, NoPack, PackErrors
from shared.identity.oidc import BadProviderSettings
from shared.messaging.admin import AdminError
from shared.sealing import MasterKeyError, MissingKey
from shared.settings import MissingSettings, NotANumber
from shared.text import Text

_SET_THEM = Text(
    "设置后重试；全部变量见 README。数据库地址一个都不设，则使用 CAREHUT_HOME 下的 SQLite。",
    "Set them and try again; the README lists all. With no database's address set, SQLite files in CAREHUT_HOME are "
    "used.",
)
_APPLY = Text("运行 carehut district apply。", "Run carehut district apply.")
_APPLY_FIRST = Text(
    "运行 carehut district apply（自己的区县包请给出目录）；若它曾报错，先照其所说处理。",
    "Run carehut district apply, naming the folder of a pack of your own; if that was refused, do what it said first.",
)
_MIGRATE = Text(
    "检查数据库是否运行、地址是否正确，再运行 carehut migrate。",
    "See that the database runs and its address is right, then run carehut migrate.",
)
_ADDRESS = Text(
    "更正 CAREHUT_<SERVICE>_DATABASE_URL，例如 postgresql+psycopg://aid_intake_web:…@host/aid_intake。",
    "Correct CAREHUT_<SERVICE>_DATABASE_URL: postgresql+psycopg://aid_intake_web:…@host/aid_intake.",
)
_ADMIN = Text(
    "检查 CAREHUT_RABBITMQ_ADMIN_URL 以及 RabbitMQ 管理插件是否运行。",
    "Check CAREHUT_RABBITMQ_ADMIN_URL, and that RabbitMQ runs with its management plugin.",
)
_SET_RIGHT = Text("请更正这些环境变量。", "Correct these settings in the environment.")
_PLACE = Text(
    "检查该路径是否存在、当前用户能否读写；数据目录由 CAREHUT_HOME 指定。",
    "See that the place exists and this user may read and write it; CAREHUT_HOME names the folder for data.",
)
_FOLDER = Text(
    "自己的区县包请给出目录：carehut district check 目录、carehut migrate、carehut district apply 目录，之后即可启动；"
    "新建区县包用 carehut district new 代码。见 deploy/districts/README.md。",
    "Name the folder of a pack of your own: carehut district check FOLDER, carehut migrate, carehut district apply "
    "FOLDER; then it can be started. A new one begins with carehut district new CODE. See deploy/districts/README.md.",
)
_PLACES = Text(
    "请该单位负责人更正空余名额（PUT /referrals/api/v1/capacities/{programme}），再运行一次，会从停下处继续。",
    "Have the agency's leader say how many are free (PUT /referrals/api/v1/capacities/{programme}), then run this "
    "again: it goes on where it stopped.",
)
_STORE = Text(
    "检查 CAREHUT_BLOBS_URL 所指的文件夹或存储桶能否访问、凭证是否有效，然后重试。",
    "See that the folder or bucket that CAREHUT_BLOBS_URL names can be reached and its secrets are good, then try "
    "again.",
)
_CORRECT = Text("逐项更正后再运行 carehut district check。", "Correct each, then run carehut district check.")


_MASTER_KEY = Text(
    "主密钥只生成一次，须放在数据盘之外：(umask 077; openssl rand -base64 32 > 文件)，"
    "并以 CAREHUT_MASTER_KEY_FILE 指明。"
    "数据库中已有密钥的，必须用加密它们的那一个：可由分片恢复（carehut keys join）。",
    "A master key is made once, off the data's disk: (umask 077; openssl rand -base64 32 > FILE), and named by "
    "CAREHUT_MASTER_KEY_FILE. Where the databases hold keys already it must be the one that wrapped them: carehut keys "
    "join gives it back from its shares.",
)


def _both(error: Exception) -> Text:
    return Text(str(error), str(error))


def _database(error: Any) -> Refusal:  # noqa: ANN401 - a DBAPI error of either driver
    words = driver_words(error)
    return Refusal(Text(f"数据库不可用：{words}", f"The database cannot be used: {words}"), _MIGRATE)


def _address(error: ArgumentError) -> Refusal:
    return Refusal(Text(f"数据库地址有误：{error}", f"A database's address is wrong: {error}"), _ADDRESS)


def _blobs_away(error: BlobsAway) -> Refusal:
    said = error.__cause__ or error
    return Refusal(
        Text(f"材料库不可用：{said}", f"The store of papers cannot be used: {said}"),
        _STORE,
    )


def _no_place(error: NoPlaceLeft) -> Refusal:
    free, ahead = error.capacity.free, error.ahead
    return Refusal(
        Text(
            f"{error.name.zh}没有可给出的名额：空余 {free} 个，在前面等候的有 {ahead} 人。",
            f"No place is left in {error.name.en}: {free} free, {ahead} ahead on the waiting list.",
        ),
        _PLACES.format(programme=error.capacity.programme),
    )


_SAYINGS: dict[type[Exception], Callable[[Any], Refusal]] = {
    MissingSettings: lambda error: Refusal(error.text, _SET_THEM),
    NotANumber: lambda error: Refusal(error.text, _SET_RIGHT),
    BadChannelSettings: lambda error: Refusal(error.text, _SET_RIGHT),
    BadBlobsUrl: lambda error: Refusal(error.text, _SET_RIGHT),
    BadProviderSettings: lambda error: Refusal(error.text, _SET_RIGHT),
    BlobsAway: _blobs_away,
    NoDistrict: lambda error: Refusal(error.text, _APPLY_FIRST),
    PackErrors: lambda error: Refusal(error.text, _CORRECT),
    BadAgencyKey: lambda error: Refusal(_both(error), _CORRECT),
    CannotRunHere: lambda error: Refusal(error.problem, error.remedy),
    BadSettings: lambda error: Refusal(_both(error), _SET_RIGHT),
    NoPack: lambda error: Refusal(error.text, _FOLDER),
    FileNotFoundError: lambda error: Refusal(_both(error), _PLACE),
    PermissionError: lambda error: Refusal(_both(error), _PLACE),
    MasterKeyError: lambda error: Refusal(_both(error), _MASTER_KEY),
    MissingKey: lambda error: Refusal(_both(error), _APPLY),
    NoPlaceLeft: _no_place,
    PlainHttp: lambda error: Refusal(error.problem, error.remedy),
    AdminError: lambda error: Refusal(_both(error), _ADMIN),
    ArgumentError: _address,
    OperationalError: _database,
    ProgrammingError: _database,
}


def refusal_for(error: Exception) -> Refusal | None:
    """Give the plain words for an error that has some, or None for one that is a fault of ours."""
    return next((say(error) for kind, say in _SAYINGS.items() if isinstance(error, kind)), None)
