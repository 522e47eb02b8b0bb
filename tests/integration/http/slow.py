"""A server as all here, before an application that takes a while: ``python -m tests.integration.http.slow PORT``."""

from __future__ import annotations

import sys
import time

from werkzeug.wrappers import Request, Response

from deploy.serve import Server
from shared.telemetry import logs

WORK_SECONDS = 0.4


@Request.application
def application(request: Request) -> Response:
    """Work on a write for a while; a read is answered at once."""
    if request.method == "POST":
        time.sleep(WORK_SECONDS)
    return Response("done")


if __name__ == "__main__":
    logs.configure("tests", "web", console=False)
    Server(lambda: application, {"bind": [f"127.0.0.1:{sys.argv[1]}"], "workers": 1, "threads": 1}).run()
