"""A private nginx with a rendered configuration."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

from deploy.local.ports import answers, free_port
from deploy.local.program import Missing, Program, Stuck


class Nginx:
    """nginx on one port of loopback, in the foreground, with its files under ``folder``."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder / "nginx"
        self.port = port or free_port()
        self.program: Program | None = None

    @property
    def url(self) -> str:
        """The front door's address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, configuration: str) -> None:
        """Start with this ``nginx.conf``; its relative paths begin at ``folder``.

        Raises:
            Missing: nginx is not installed.
            Stuck: the configuration is refused, or nothing answers.
        """
        binary = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
        if binary is None:
            message = "nginx is not installed (on Debian: apt-get install nginx-light)"
            raise Missing(message)
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        file = self.folder / "nginx.conf"
        file.write_text(configuration)
        command = [binary, "-p", f"{self.folder}/", "-c", str(file), "-e", "error.log"]
        check = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True, check=False)
        if check.returncode:
            message = f"nginx refuses its configuration: {check.stderr.strip()}"
            raise Stuck(message)
        self.program = Program(
            "nginx",
            [*command, "-g", "daemon off;"],
            folder=self.folder,
            ready=lambda: answers(self.port),
            end=signal.SIGQUIT,  # finishes what it is answering
            orphaned=signal.SIGTERM,  # on SIGKILL its workers would live on
        )
        self.program.start()

    def stop(self) -> None:
        """Stop it."""
        if self.program is not None:
            self.program.stop()
            self.program = None
