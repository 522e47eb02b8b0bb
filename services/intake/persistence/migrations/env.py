"""Alembic's way into this service's database; everything it does is in ``shared.db.migrate``."""

from alembic import context

from services.intake.persistence.reach import POLICIES
from services.intake.persistence.tables import metadata
from shared.db.migrate import run_env

run_env(context, metadata, POLICIES)
