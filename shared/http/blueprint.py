"""The blueprint of a JSON API: reads bodies and queries through schemas made once, and documents them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar, cast

import flask
import flask_smorest
import marshmallow
import orjson
from marshmallow import ValidationError

from shared.http.policy import Access
from shared.http.problems import BadInput, BadRequest, FieldError, WrongContentType
from shared.http.uploads import files_of, is_multipart
from shared.http.wording import field_errors, said
from shared.text import Text

_BAD_JSON = Text(
    "请求内容不是正确的 JSON。请检查引号、括号与 UTF-8 编码。",
    "The body is not JSON. Check quotes, brackets and UTF-8.",
)
_MULTIPART = Text(
    "请以 Content-Type: multipart/form-data 上传。", "Send it with Content-Type: multipart/form-data."
)
_TWICE = said("只能给出一次。", "May be given only once.")


def read_json(request: flask.Request) -> Any:  # noqa: ANN401 - any JSON value
    """Give the body of a JSON request; an empty body is an empty object.

    Raises:
        WrongContentType: it is not sent as JSON (415).
        BadRequest: it is not JSON (400).
    """
    body = request.get_data(cache=True)
    if not body:
        return {}
    if not request.is_json:
        raise WrongContentType
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(_BAD_JSON, id="bad-json") from error


def load(schema: marshmallow.Schema, data: object) -> Any:  # noqa: ANN401 - what the schema makes of it
    """Load data through a schema.

    Raises:
        BadInput: naming every wrong field by its dotted path (422).
    """
    try:
        return schema.load(data)  # type: ignore[arg-type] # whatever was sent; the schema is what checks it
    except ValidationError as error:
        raise BadInput(errors=list(field_errors(error.messages))) from error


def read_query(request: flask.Request, schema: marshmallow.Schema) -> Any:  # noqa: ANN401 - as load
    """Load the query string through a schema; list fields collect repeated names, others may stand once (422)."""
    several = {
        name for name, field in schema.load_fields.items() if isinstance(field, marshmallow.fields.List)
    }
    given = {name: request.args.getlist(name) for name in request.args}
    twice = [name for name, values in given.items() if len(values) > 1 and name not in several]
    if twice:
        raise BadInput(errors=[FieldError(name, _TWICE.text) for name in twice])
    return load(schema, {name: values if name in several else values[0] for name, values in given.items()})


def read_form(request: flask.Request, schema: marshmallow.Schema) -> Any:  # noqa: ANN401 - as load
    """Load a page's form through a schema, without the fields that belong to the page itself; empty means not given."""
    several = {
        name for name, field in schema.load_fields.items() if isinstance(field, marshmallow.fields.List)
    }
    given = {name: request.form.getlist(name) for name in request.form if name not in PAGE_FIELDS}
    return load(
        schema,
        {
            name: [v for v in values if v] if name in several else values[-1]
            for name, values in given.items()
            if any(values)
        },
    )


def read_upload(request: flask.Request, schema: marshmallow.Schema) -> Any:  # noqa: ANN401 - as load
    """Load a multipart form with its files through a schema; every field may stand once, empty means not given.

    Raises:
        WrongContentType: it is no multipart form (415).
        BadInput: naming every wrong field (422).
    """
    if not is_multipart(request):
        raise WrongContentType(_MULTIPART)
    given: dict[str, list[Any]] = {
        name: [value for value in request.form.getlist(name) if value]
        for name in request.form
        if name not in PAGE_FIELDS
    }
    for name, files in files_of(request).items():
        given.setdefault(name, []).extend(files)
    if twice := [name for name, values in given.items() if len(values) > 1]:
        raise BadInput(errors=[FieldError(name, _TWICE.text) for name in twice])
    return load(schema, {name: values[0] for name, values in given.items() if values})


PAGE_FIELDS = frozenset({"csrf_token", "idempotency_key", "version"})
"""Hidden fields a page's form carries for the edge itself."""

_READERS: Mapping[str, Callable[[flask.Request, marshmallow.Schema], Any]] = {
    "json": lambda request, schema: load(schema, read_json(request)),
    "query": read_query,
    "form": read_form,
    "files": read_upload,
}


SchemaGiven = marshmallow.Schema | type[marshmallow.Schema]
"""A schema's class, of which one instance is made, or an instance."""
View = TypeVar("View", bound=Callable[..., Any])


class _Parser:
    """Stands where flask-smorest expects webargs, whose parser makes a new schema for every request."""

    DEFAULT_VALIDATION_STATUS = HTTPStatus.UNPROCESSABLE_ENTITY.value

    def use_args(
        self, schema: marshmallow.Schema | type[marshmallow.Schema], *, location: str
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Hand the loaded value to the view after its own positional arguments."""
        made = schema() if isinstance(schema, type) else schema
        reader = _READERS[location]

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(view)
            def reading(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any view
                return view(*args, reader(flask.request, made), **kwargs)

            return reading

        return decorate


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc] # flask-smorest has no types
    """A blueprint whose views read ``arguments`` and answer ``response``; typed, as the library's own is not.

    The loaded value is the first positional argument of the view; what the URL names comes by keyword.
    """

    ARGUMENTS_PARSER = _Parser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the base
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(_document_access)

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - as the base
        """Put a view at a path below the service's API."""
        return cast("Callable[[View], View]", super().route(rule, **options))

    def get(self, rule: str, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - as the base
        """Put a view at a path for GET."""
        return cast("Callable[[View], View]", super().get(rule, **options))

    def post(self, rule: str, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - as the base
        """Put a view at a path for POST."""
        return cast("Callable[[View], View]", super().post(rule, **options))

    def put(self, rule: str, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - as the base
        """Put a view at a path for PUT."""
        return cast("Callable[[View], View]", super().put(rule, **options))

    def patch(self, rule: str, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - as the base
        """Put a view at a path for PATCH."""
        return cast("Callable[[View], View]", super().patch(rule, **options))

    def delete(self, rule: str, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - as the base
        """Put a view at a path for DELETE."""
        return cast("Callable[[View], View]", super().delete(rule, **options))

    def doc(self, **documentation: Any) -> Callable[[View], View]:  # noqa: ANN401 - as the base
        """Add to the description of a view, for example header parameters."""
        return cast("Callable[[View], View]", super().doc(**documentation))

    def arguments(
        self,
        schema: SchemaGiven,
        *,
        location: str = "json",
        **documentation: Any,  # noqa: ANN401 - as the base
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Read the body (``json``, ``form``, ``files``) or the ``query`` through a schema, made once."""
        made = super().arguments(schema, location=location, **documentation)
        return cast("Callable[[Callable[..., Any]], Callable[..., Any]]", made)

    def response(
        self,
        status_code: int,
        schema: SchemaGiven | None = None,
        **documentation: Any,  # noqa: ANN401 - as the base
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Write what the view gives through a schema; a ready ``flask.Response`` is only documented by it."""
        made = super().response(status_code, schema, **documentation)
        return cast("Callable[[Callable[..., Any]], Callable[..., Any]]", made)


def _document_access(doc: dict[str, Any], doc_info: Mapping[str, Any], **_: object) -> dict[str, Any]:
    access: Access | None = doc_info.get("access")
    if access is not None and access.action is None:
        doc["security"] = []
    elif access is not None:
        doc["x-actions"] = list(access.actions())
    return doc
