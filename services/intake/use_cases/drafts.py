"""Drafts: begun at the desk or by a lead, saved as they are typed, submitted once, deleted in time."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping

from services.intake.domain.drafts import DESK, Body, merged
from services.intake.domain.errors import IllegalStep, InvalidFiling, NotThere, OutOfReach
from services.intake.domain.request import DRAFT, SUBMIT
from services.intake.domain.steps import Stand, require
from services.intake.persistence import drafts as store
from services.intake.schemas.drafts import filing_of
from services.intake.use_cases.audited import audit
from services.intake.use_cases.context import Context
from services.intake.use_cases.draft_views import brief, full, opened, sealed, timer_of
from services.intake.use_cases.may import steps_allowed
from services.intake.use_cases.missing import missing
from services.intake.use_cases.submit_request import Origin, submit_request, unit_of
from services.intake.use_cases.tasks import settle_tasks
from services.intake.use_cases.withdraw_request import StaleRequest
from shared import ids
from shared.db import Once, UnitOfWork
from shared.identity import Grant, Principal, allow

Found = TypeVar("Found")

TASKS = ("lead", "draft-expiring")
"""What a draft asks of the desk; submitted or deleted, it asks no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraft:
    """A draft to be begun: at which unit, and whether at the desk or by a lead."""

    unit: str
    body: Body
    origin: str = DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDraft:
    """What to do to which draft; ``version`` is the one the caller saw, where he names one."""

    draft: str
    version: int | None = None


def create_draft(
    context: Context, principal: Principal, body: Body, *, once: Once | None = None
) -> dict[str, Any]:
    """Begin a draft at the unit of the principal's post, in whatever state it is; gives the draft.

    Raises:
        Forbidden: no post of the principal keeps drafts.
        NoPost: the post's unit is not in this district.
    """
    grant = allow(principal, "drafts.edit")
    district = context.directory.current()
    unit = unit_of(grant, district.units)
    with context.database.unit_of_work(once=once) as uow:
        row = begin(context, uow, NewDraft(unit=unit, body=merged({}, body)), principal.staff)
        audit(context, uow, principal, grant, "draft.begun", "draft", row["id"])
        uow.result = full(context, row)
    answer: dict[str, Any] = uow.result
    return answer


def begin(context: Context, uow: UnitOfWork, new: NewDraft, staff: str) -> dict[str, Any]:
    """Write a new draft; gives its row."""
    now, district = context.clock.now(), context.directory.current()
    draft = ids.at(now)
    row = {
        "id": draft,
        "unit": new.unit,
        "street": district.street_of(new.unit),
        "origin": new.origin,
        "body": sealed(context, draft, new.body),
        "version": 1,
        "created_by": staff,
        "created_at": now,
        "updated_at": now,
        **timer_of(district, now, new.body, now),
    }
    store.add(uow.connection, row)
    return row


def list_drafts(
    context: Context, principal: Principal, *, limit: int, after: str | None
) -> list[dict[str, Any]]:
    """Give up to ``limit + 1`` drafts of one's own unit, newest first, names masked.

    Raises ``Forbidden`` when no post of the principal keeps drafts.
    """
    grant = allow(principal, "drafts.read")
    with context.database.unit_of_work() as uow:
        rows = store.page(uow.connection, grant.units, limit=limit + 1, after=after)
        audit(context, uow, principal, grant, "drafts.listed", "drafts", str(len(rows)))
    return [brief(context, row, opened(context, row)) for row in rows]


def read_draft(context: Context, principal: Principal, draft: str) -> dict[str, Any]:
    """Give a draft with all that is in it, and what it still lacks.

    Raises:
        Forbidden: no post of the principal keeps drafts.
        NotThere: there is no such draft within reach.
    """
    grant = allow(principal, "drafts.read")
    with context.database.unit_of_work() as uow:
        row = _within(uow.connection, grant, _id(draft), store.find(uow.connection, _id(draft)))
        audit(context, uow, principal, grant, "draft.opened", "draft", row["id"])
    return full(context, row)


def change_draft(context: Context, principal: Principal, command: ChangeDraft, patch: Body) -> dict[str, Any]:
    """Merge what was typed into a draft; gives the draft.

    Raises:
        Forbidden: no post of the principal keeps drafts.
        NotThere: there is no such draft within reach.
        StaleRequest: it is no longer at ``version``.
        IllegalStep: it has been submitted.
    """
    grant = allow(principal, "drafts.edit")
    now, district = context.clock.now(), context.directory.current()
    with context.database.unit_of_work() as uow:
        row = _held(uow, principal, grant, command)
        body = merged(opened(context, row), patch)
        values = {
            "body": sealed(context, row["id"], body),
            "version": row["version"] + 1,
            "updated_at": now,
            **timer_of(district, row["created_at"], body, now),
        }
        store.change(uow.connection, row["id"], **values)
        audit(context, uow, principal, grant, "draft.saved", "draft", row["id"])
    return full(context, {**row, **values})


def delete_draft(context: Context, principal: Principal, command: ChangeDraft) -> None:
    """Delete a draft and all that was in it.

    Raises:
        Forbidden: no post of the principal keeps drafts.
        NotThere: there is no such draft within reach.
        StaleRequest: it is no longer at ``version``.
        IllegalStep: it has been submitted.
    """
    grant = allow(principal, "drafts.edit")
    with context.database.unit_of_work() as uow:
        row = _held(uow, principal, grant, command)
        store.delete(uow.connection, row["id"])
        settle_tasks(uow, row["id"], *TASKS, at=context.clock.now(), by=principal.staff)
        audit(context, uow, principal, grant, "draft.deleted", "draft", row["id"])


def submit_draft(
    context: Context, principal: Principal, command: ChangeDraft, *, once: Once | None = None
) -> dict[str, Any]:
    """File what a draft holds as the request of the same id; the draft is no more. Answers as ``submit_request``.

    Raises:
        Forbidden: no post of the principal allows filing.
        NotThere: there is no such draft within reach.
        StaleRequest: it is no longer at ``version``, or was changed at this very moment.
        InvalidFiling: naming every field that cannot be accepted; the draft stays.
        IllegalStep: it has been submitted already.
    """
    grant = allow(principal, "requests.file")

    def find() -> RowMapping:
        with context.database.read() as connection:
            row = store.find(connection, _id(command.draft))
            if row is None:
                _require_draft(store.became(connection, _id(command.draft)), principal, grant)
            return _within(connection, grant, _id(command.draft), row)

    row = _or_replay(context, once, find)
    seen = command.version or row["version"]

    def take(uow: UnitOfWork) -> None:
        _held(uow, principal, grant, ChangeDraft(draft=row["id"], version=seen))
        store.delete(uow.connection, row["id"])
        settle_tasks(uow, row["id"], *TASKS, at=context.clock.now(), by=principal.staff)

    filing = _or_replay(context, once, lambda: filing_of(opened(context, row)))
    origin = Origin(row["id"], row["unit"], take)
    return submit_request(context, principal, filing, once=once, origin=origin)


def _or_replay(context: Context, once: Once | None, find: Callable[[], Found]) -> Found:
    try:
        return find()
    except (NotThere, IllegalStep, InvalidFiling):
        if once is not None:
            # Sent again after it was filed there is no draft any more; it still gets its first answer.
            with context.database.unit_of_work(once=once):
                raise
        raise


def _held(uow: UnitOfWork, principal: Principal, grant: Grant, command: ChangeDraft) -> RowMapping:
    row = store.lock(uow.connection, _id(command.draft))
    if row is None:
        _require_draft(store.became(uow.connection, _id(command.draft)), principal, grant)
    found = _within(uow.connection, grant, _id(command.draft), row)
    if command.version not in {None, found["version"]}:
        raise StaleRequest(found["version"], DRAFT, command.version)
    return found


def _within(connection: Connection, grant: Grant, draft: str, row: RowMapping | None) -> RowMapping:
    if row is None:
        raise missing(connection, "draft", draft)
    if not grant.reaches(unit=row["unit"]):
        raise OutOfReach("draft", row["id"])
    return row


def _require_draft(became: RowMapping | None, principal: Principal, grant: Grant) -> None:
    if became is not None and grant.reaches(unit=became["unit"], street=became["street"]):
        may = steps_allowed(principal, unit=became["unit"], street=became["street"])
        require(Stand(status=became["status"], checking=became["checking"], closed=False), SUBMIT, may)


def _id(draft: str) -> str:
    try:
        return str(uuid.UUID(draft))
    except ValueError as error:
        raise NotThere from error
