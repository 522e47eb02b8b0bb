"""``carehut front``: the front door's configuration."""

from __future__ import annotations

from pathlib import Path

import click

from deploy.cli.words import Text, say, tell

_HELP = Text("前门。", "The front door.")
_RENDER = Text(
    "由路径表与环境变量生成 nginx.conf，写到标准输出或 --output。",
    "Write nginx.conf from the table of paths and the environment, to standard output or --output.",
)


@click.group(help=say(_HELP))
def front() -> None:
    """Hold the command."""


@front.command("render", help=say(_RENDER))
@click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def render(output: Path | None) -> None:
    """Render nginx.conf."""
    from deploy.front import FrontSettings, render_nginx
    from deploy.installation import Installation

    text = render_nginx(FrontSettings.from_environment(Installation().environ))
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        tell(Text(f"已写入 {output}。", f"Written to {output}."), error=True)
