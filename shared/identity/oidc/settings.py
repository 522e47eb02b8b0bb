"""The file that names the identity provider and says which of its claims make which posts; its secret stands apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from marshmallow import RAISE, Schema, ValidationError, fields, validate
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from shared.addresses import is_loopback, is_safe
from shared.identity.principal import Role
from shared.text import Text

FILE = "CAREHUT_OIDC_FILE"
SECRET, SECRET_FILE = "CAREHUT_OIDC_CLIENT_SECRET", "CAREHUT_OIDC_CLIENT_SECRET_FILE"
LONGEST_UNASKED = 720
"""Minutes after which the provider is asked again at the latest: no session lasts longer."""
MAPPED = tuple(str(role) for role in Role if role not in {Role.CLIENT, Role.PERSON})
"""Roles a claim may give: those of staff."""


class BadProviderSettings(Exception):
    """The settings of the identity provider cannot be used; ``text`` says which and why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Under which names the ID token tells things; ``account`` is None where accounts get ids of our own."""

    roles: str
    name: str
    agency: str
    unit: str
    account: str | None


@dataclass(frozen=True, slots=True)
class PostRule:
    """The post that one value of the roles claim gives; a place left open comes from its own claim."""

    role: str
    agency: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """One identity provider, and what its word counts for here.

    ``local_accounts`` keep their passwords for the day on which the provider is away (an operator, say). After
    ``ask_again`` it is asked anew, in the middle of a session, whom somebody is to it; zero: at sign-in alone.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    label: Text
    scopes: tuple[str, ...]
    claims: ClaimNames
    posts: Mapping[str, PostRule]
    local_accounts: frozenset[str]
    ask_again: timedelta = timedelta(hours=1)


class _Strict(Schema):
    class Meta:
        """An unknown key is a slip, or a secret in the wrong place."""

        unknown = RAISE


class _Label(_Strict):
    zh = fields.String(required=True, validate=validate.Length(1, 40))
    en = fields.String(required=True, validate=validate.Length(1, 40))


class _Claims(_Strict):
    roles = fields.String(load_default="roles")
    name = fields.String(load_default="name")
    agency = fields.String(load_default="agency")
    unit = fields.String(load_default="unit")
    account = fields.String(load_default=None)


class _Post(_Strict):
    role = fields.String(required=True, validate=validate.OneOf(MAPPED))
    agency = fields.String(load_default=None)
    unit = fields.String(load_default=None)


class _File(_Strict):
    issuer = fields.String(required=True)
    client_id = fields.String(required=True, validate=validate.Length(1, 256))
    label = fields.Nested(_Label, load_default=lambda: {"zh": "统一身份认证", "en": "single sign-on"})
    scopes = fields.List(fields.String(), load_default=lambda: ["openid", "profile"])
    claims = fields.Nested(_Claims, load_default=lambda: _Claims().load({}))
    posts = fields.Dict(fields.String(), fields.Nested(_Post), required=True, validate=validate.Length(min=1))
    local_accounts = fields.List(fields.String(), load_default=list)
    ask_again_minutes = fields.Integer(
        strict=True, load_default=60, validate=validate.Range(0, LONGEST_UNASKED)
    )


def read_settings(environ: Mapping[str, str], *, demo: bool) -> OidcSettings | None:
    """Read the settings, or give None where no identity provider is configured.

    Raises:
        BadProviderSettings: the file or the secret's file is not there or makes no sense; the provider is to be
            reached without TLS, or, in a demo, on another machine.
    """
    path = environ.get(FILE)
    if not path:
        return None
    try:
        content = YAML(typ="safe").load(Path(path).read_text(encoding="utf-8"))
        given: dict[str, Any] = _File().load(content)
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise BadProviderSettings(
            Text(f"{FILE}：无法读取 {path}。", f"{FILE}: {path} cannot be read as YAML.")
        ) from error
    except ValidationError as error:
        raise BadProviderSettings(
            Text(f"{FILE}：{path} 内容有误：{error.messages}", f"{FILE}: {path} is wrong: {error.messages}")
        ) from error
    issuer = str(given["issuer"]).rstrip("/")
    if not is_safe(issuer) or (demo and not is_loopback(urlsplit(issuer).hostname)):
        raise BadProviderSettings(
            Text(
                f"{FILE}：issuer 须为 https 地址（仅本机可用 http；演示包只能用本机地址）。",
                f"{FILE}: issuer must be an https address (http on this machine alone; a demo stays on this machine).",
            )
        )
    return OidcSettings(
        issuer=issuer,
        client_id=given["client_id"],
        client_secret=_secret(environ),
        label=Text(**given["label"]),
        scopes=tuple(dict.fromkeys(["openid", *given["scopes"]])),
        claims=ClaimNames(**given["claims"]),
        posts=MappingProxyType({value: PostRule(**post) for value, post in given["posts"].items()}),
        local_accounts=frozenset(given["local_accounts"]),
        ask_again=timedelta(minutes=given["ask_again_minutes"]),
    )


def _secret(environ: Mapping[str, str]) -> str | None:
    if environ.get(SECRET):
        return environ[SECRET]
    path = environ.get(SECRET_FILE)
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadProviderSettings(
            Text(f"{SECRET_FILE}：无法读取 {path}。", f"{SECRET_FILE}: {path} cannot be read.")
        ) from error
