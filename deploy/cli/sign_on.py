"""``carehut sign-on``: the identity provider by which people sign in: is it set right, and whose word counts."""

from __future__ import annotations

import click

from deploy.cli.acting import intake
from deploy.cli.words import Text, refuse, say, tell

_HELP = Text(
    "身份认证服务（OpenID Connect）。", "The identity provider by which people sign in (OpenID Connect)."
)
_CHECK = Text(
    "读取配置并询问身份认证服务，说明登录能否进行。",
    "Read the settings, ask the provider, and say whether people can sign in by it.",
)
_UNLINK = Text(
    "解除账号与身份认证服务的关联；下次 district apply 起其岗位以 posts.yaml 为准。",
    "Part an account from the provider; from the next district apply on posts.yaml says which posts it holds.",
)
_NOT_SET = Text(
    "用 CAREHUT_OIDC_FILE 指定配置文件，见 README。",
    "Name its file by CAREHUT_OIDC_FILE; the README shows one.",
)
_AWAY = Text(
    "检查 issuer 地址、网络与证书；其说明页须自称同一 issuer，各地址须为 https。",
    "Check the issuer's address, the network and its certificate; it must call itself by that issuer, and all its "
    "addresses must be https.",
)

_POSTS = Text("在该文件的 posts 中更正。", "Correct it under posts in that file.")


@click.group(help=say(_HELP))
def sign_on() -> None:
    """Hold the commands together."""


@sign_on.command("check", help=say(_CHECK))
def check() -> None:
    """Ask the provider."""
    from deploy.installation import Installation
    from shared.identity.oidc import ProviderAway, read_settings
    from shared.identity.oidc.provider import Provider

    installation = Installation()
    settings = read_settings(installation.environ, demo=installation.district.demo)
    if settings is None:
        refuse("没有配置身份认证服务。", "No identity provider is configured.", remedy=_NOT_SET)
    unknown = {rule.agency for rule in settings.posts.values()} - {None, *installation.district.agencies}
    if unknown:
        names = ", ".join(sorted(map(str, unknown)))
        refuse(f"地区配置中没有单位：{names}。", f"The pack has no such agency: {names}.", remedy=_POSTS)
    provider = Provider(settings, public_url=installation.environ.get("CAREHUT_PUBLIC_URL", ""))
    try:
        provider.ask()
    except ProviderAway:
        refuse(
            f"{settings.issuer} 没有正确答复。", f"{settings.issuer} does not answer rightly.", remedy=_AWAY
        )
    tell(Text(f"{settings.issuer} 可用。", f"{settings.issuer} answers."))
    tell(Text("回调地址：{url}", "Let it know this address to come back to: {url}").format(url=provider.back))
    local = ", ".join(sorted(settings.local_accounts)) or "–"
    tell(Text(f"仍用本地口令的账号：{local}", f"Accounts that keep a password: {local}"))


@sign_on.command("unlink", help=say(_UNLINK))
@click.argument("name", metavar="STAFF")
def unlink(name: str) -> None:
    """Part an account from its subject."""
    from deploy.installation import Installation
    from services.intake.use_cases import sign_on as use_case

    if not use_case.unlink(intake(Installation()), name, actor="system"):
        refuse(
            f"账号 {name} 没有关联。",
            f"The account {name} is linked with nobody.",
            remedy=Text("无需处理。", "There is nothing to do."),
        )
    tell(Text(f"账号 {name} 已解除关联。", f"The account {name} is parted from the provider."))
