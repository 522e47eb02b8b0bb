"""The JSON API of tasks: one's own list, and ticking one off."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import flask

from services.intake.entrypoints.task_words import with_words
from services.intake.schemas.tasks import TaskPage, TaskQuery, TaskShown
from services.intake.use_cases import tasks
from services.intake.use_cases.context import Context
from services.intake.use_cases.tasks import ListTasks
from shared.http import paging
from shared.http.blueprint import Blueprint
from shared.http.idempotency import once_for
from shared.http.json_provider import json_response
from shared.http.openapi import IDEMPOTENCY_KEY
from shared.http.policy import current_principal, permit

OK = 200


def blueprint(context: Context) -> Blueprint:
    """Make the API of tasks."""
    api = Blueprint("tasks", __name__, description="What desk, street and grid have to do")

    @api.get("/tasks")
    @api.arguments(TaskQuery, location="query")
    @api.response(OK, TaskPage)
    @permit("tasks.read")
    def list_tasks(query: Mapping[str, Any]) -> flask.Response:
        """List one's own tasks, oldest first; open ones unless others are asked for."""
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        listing = ListTasks(
            kinds=query["kind"],
            request=query.get("request"),
            done=query["status"] == "done",
            limit=page.limit,
            after=tasks.place(page.after),
        )
        items = tasks.list_tasks(context, current_principal(), listing)
        shown = [with_words(item, context.directory.current()) for item in items]
        return json_response(paging.answer(shown, page, lambda item: (item["id"],)))

    @api.post("/tasks/<uuid:task>/done")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.response(OK, TaskShown)
    @permit("tasks.finish")
    def finish(task: uuid.UUID) -> flask.Response:
        """Tick a task off. One that ends with a deed of its own answers 409 and names it."""
        once = once_for(flask.request, OK, lambda done: with_words(done, context.directory.current()))
        done = tasks.finish_task(context, current_principal(), str(task), once=once)
        return json_response(with_words(done, context.directory.current()))

    return api
