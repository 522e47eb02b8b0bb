"""A tiny service with a real database and real keys, on which the edge is tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import flask
import sqlalchemy as sa
from marshmallow import fields

from shared.clock import FixedClock
from shared.db import Database
from shared.directory import Directory
from shared.http import paging
from shared.http.app import AppSpec, create_app
from shared.http.blueprint import Blueprint
from shared.http.conditional import etag, if_match
from shared.http.idempotency import once_for
from shared.http.policy import current_grant, current_principal, permit, public
from shared.http.problems import OutOfReach
from shared.http.redirects import see_other
from shared.http.schema import Choice, Length, Schema
from shared.http.spec import Check
from shared.http.uploads import File, takes_a_file
from shared.identity import Post, Principal
from shared.sealing import Keyring, MasterKey, Use
from shared.sealing.keys import make, store
from shared.telemetry.trouble import Trouble
from shared.text import Text

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
HUT = Post("hut", unit="530103004007")
DESK = Post("desk", agency="civil-affairs")
NAME = Text("区级帮扶救助转介", "District aid coordination")

effects = sa.Table("tiny_effects", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))


class Leg(Schema):
    """One leg."""

    programme = fields.String(required=True, validate=Choice(["dibao", "pub-job"]))


class Filing(Schema):
    """A request, much shortened."""

    name = fields.String(required=True, validate=Length(min=1, max=20))
    legs = fields.List(fields.Nested(Leg), required=True, validate=Length(min=1))


class Filed(Schema):
    """The answer to it."""

    id = fields.Integer(required=True)


class Paper(Schema):
    """A form with one file."""

    kind = fields.String(required=True, validate=Length(max=20))
    file = File(required=True)


class Listing(Schema):
    """A list's query."""

    status = fields.List(fields.String())
    limit = fields.String()
    cursor = fields.String()


class Fault(Exception):
    """What this service's own rules raise."""


@dataclass
class Tiny:
    """The application with what tests need beside it."""

    app: flask.Flask
    database: Database
    keyring: Keyring
    clock: FixedClock
    spec: AppSpec

    def client(self) -> Any:
        """Give a fresh browser."""
        return self.app.test_client()

    def token(self, *posts: Post, staff: str = "hut", session: str = "session-of-a-test") -> str:
        """Sign somebody in, by default at the desk that files."""
        return self.keyring.tokens.sign(
            Principal(staff=staff, session=session, posts=posts or (HUT,)), self.clock.now()
        )

    def bearer(self, *posts: Post, staff: str = "hut") -> dict[str, str]:
        """Give the header that signs somebody in."""
        return {"Authorization": f"Bearer {self.token(*posts, staff=staff)}"}

    def signed_in(self, *posts: Post, staff: str = "hut") -> Any:
        """Give a browser that holds the session cookie."""
        client = self.client()
        client.set_cookie("sid", self.token(*posts, staff=staff))
        return client

    def count(self) -> int:
        """Count what took effect."""
        with self.database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(effects)) or 0


@dataclass
class Pack:
    """Stands for the district's pack, of which the frame reads a few names."""

    product_name: Text = NAME
    hut_title: Text = field(default_factory=lambda: Text("前台自己的名称", "The desk's own name"))
    timezone: str = "Asia/Shanghai"
    staff: tuple[Any, ...] = (SimpleNamespace(id="hut", name="林青"),)


def tiny(database: Database, **more: Any) -> Tiny:
    """Make the tiny service on a fresh database."""
    clock = FixedClock(NOW)
    master = MasterKey(b"m" * 32)
    with database.unit_of_work() as uow:
        made = [make(Use.TOKEN_SIGNING, "530103", NOW), make(Use.FIELD, "intake", NOW)]
        store(uow.connection, master, made)
    effects.metadata.create_all(database.engine)
    keyring = Keyring(database, master)
    spec = AppSpec(
        service="intake",
        database=database,
        keyring=keyring,
        directory=cast("Directory", SimpleNamespace(current=Pack)),
        clock=clock,
        blueprints=[_api(database)],
        pages=[_pages()],
        errors={Fault: lambda error: OutOfReach("thing", str(error))},
        notices={"saved": Text("已保存", "Saved")},
        **more,
    )
    return Tiny(create_app(spec), database, keyring, clock, spec)


def _api(database: Database) -> Blueprint:
    api = Blueprint("things", __name__, description="Things")

    @api.post("/things")
    @api.arguments(Filing)
    @api.response(201, Filed)
    @permit("requests.file")
    def file(body: Mapping[str, Any]) -> Mapping[str, Any]:
        """File a thing."""
        once = once_for(flask.request, 201, lambda number: {"id": number})
        with database.unit_of_work(once=once) as uow:
            uow.result = uow.connection.scalar(effects.insert().returning(effects.c.id))
        return {"id": uow.result, "legs": len(body["legs"])}

    @api.get("/things")
    @api.arguments(Listing, location="query")
    @permit("requests.read")
    def listing(query: Mapping[str, Any]) -> Mapping[str, Any]:
        """List things."""
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        start = page.after[0] + 1 if page.after else 0
        rows = [{"id": number} for number in range(start, min(45, start + page.limit + 1))]
        return paging.answer(rows, page, lambda row: (row["id"], NOW, NOW.date()))

    @api.post("/files")
    @api.arguments(Paper, location="files")
    @api.response(201, Filed)
    @permit("requests.file")
    @takes_a_file
    def keep(body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Take a file; answers with its size."""
        once = once_for(flask.request, 201, lambda size: {"id": size})
        with database.unit_of_work(once=once) as uow:
            uow.connection.execute(effects.insert())
            uow.result = len(body["file"])
        return {"id": uow.result}

    @api.get("/me")
    @permit("account.own")
    def me() -> Mapping[str, Any]:
        """Tell who is asking."""
        return {"staff": current_principal().staff, "post": str(current_grant().post)}

    @api.put("/things/<int:thing>")
    @permit("requests.withdraw")
    def change(thing: int) -> Any:
        """Change a thing."""
        return {"version": if_match(flask.request) + 1}, 200, {"ETag": etag(thing)}

    @api.post("/legs/<int:leg>/<verb>")
    @permit("referrals.{verb}", verb=("accept", "close"))
    def act(leg: int, verb: str) -> Mapping[str, Any]:
        """Act on a leg."""
        return {"leg": leg, "verb": verb}

    @api.get("/foreign")
    @permit("requests.read")
    def foreign() -> Any:
        """Ask for another's thing."""
        raise Fault("thing-7")

    @api.get("/broken")
    @public("a test breaks it")
    def broken() -> Any:
        """Break."""
        raise RuntimeError("张三 530103199001011234")

    @api.get("/away")
    @public("a test takes the database away")
    def away() -> Any:
        """Ask a database that is not there."""
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("gone"))

    return api


def _pages() -> flask.Blueprint:
    pages = flask.Blueprint("pages", __name__, template_folder="templates")

    @pages.get("/intake/form")
    @permit("requests.file")
    def form() -> str:
        """Show a form."""
        return flask.render_template("form.html", problem=None, when=NOW)

    @pages.post("/intake/form")
    @permit("requests.file")
    def send() -> Any:
        """Take the form."""
        return see_other("/intake/form", "saved")

    @pages.get("/")
    @public("this is where one signs in")
    def home() -> str:
        """Show the first page."""
        return flask.render_template("form.html", problem=None, when=NOW)

    return pages


def check(code: str, *, holds: bool, needed: bool) -> Check:
    """Make a check that holds or does not."""
    return Check(Trouble(code, Text("坏", "It is broken."), Text("修", "Mend it.")), lambda: holds, needed)


LATER = timedelta(minutes=16)
