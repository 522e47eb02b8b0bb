"""What the private servers call things: databases, their roles, broker users; all neutral outward."""

from __future__ import annotations

from deploy.embedded.environment import SERVICES
from shared.messaging.ports import service_user

ROLES = ("owner", "web", "worker")
BROKER_ADMIN = "aid-admin"


def database(service: str) -> str:
    """Name the database of a service."""
    return f"aid_{service}"


def database_role(service: str, role: str) -> str:
    """Name the role ``owner``, ``web`` or ``worker`` of a service's database."""
    return f"aid_{service}_{role}"


def broker_user(user: str) -> str:
    """Name a broker user; ``admin`` and a service's name stand for theirs, other names are whole already."""
    if user == "admin":
        return BROKER_ADMIN
    return service_user(user) if user in SERVICES else user
