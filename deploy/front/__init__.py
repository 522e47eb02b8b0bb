"""The front door: one table of paths, used as a WSGI dispatcher or rendered as nginx.conf; and what it joins."""

from deploy.front.app import FrontApp
from deploy.front.dispatcher import dispatcher
from deploy.front.nginx import FrontSettings, render_nginx
from deploy.front.paths import DEFAULT_PORTS, PATHS, owner_of
from deploy.front.ready import remote

__all__ = [
    "DEFAULT_PORTS",
    "PATHS",
    "FrontApp",
    "FrontSettings",
    "dispatcher",
    "owner_of",
    "remote",
    "render_nginx",
]
