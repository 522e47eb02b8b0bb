"""The mark every view carries: which action of the policy it needs, or why it is open to all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import flask

from shared.http.problems import NotFound, NotSignedIn
from shared.identity import Grant, Principal

View = TypeVar("View", bound=Callable[..., Any])
MARK = "__access__"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a view.

    ``action`` is an action of the policy, perhaps with one place to fill from the URL (``referrals.{action}``, whose
    possible values stand in ``values``); ``open_because`` is set on open views instead.
    """

    action: str | None = None
    open_because: str | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def actions(self) -> tuple[str, ...]:
        """Give every action the view can stand for; empty for an open view."""
        if self.action is None:
            return ()
        if not self.values:
            return (self.action,)
        ((name, values),) = self.values.items()
        return tuple(self.action.format(**{name: value}) for value in values)

    def action_for(self, arguments: Mapping[str, Any]) -> str:
        """Give the action of a call with these URL arguments.

        Raises:
            NotFound: the URL names none of the possible values.
        """
        action = cast("str", self.action)
        for name, values in self.values.items():
            if arguments.get(name) not in values:
                raise NotFound
            action = action.format(**{name: arguments[name]})
        return action


def permit(action: str, **values: Iterable[str]) -> Callable[[View], View]:
    """Mark a view as needing ``action``; every view has this or ``public``.

    One action may depend on the URL: ``@permit("referrals.{verb}", verb=("accept", "close"))`` on
    ``/referrals/<id>/<verb>``; another verb is 404.
    """
    return _mark(Access(action=action, values={name: tuple(allowed) for name, allowed in values.items()}))


def public(because: str) -> Callable[[View], View]:
    """Mark a view as open to all, with the reason."""
    return _mark(Access(open_because=because))


def _mark(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, MARK, access)
        documentation = dict(getattr(view, "_apidoc", {}))
        documentation["access"] = access
        view._apidoc = documentation  # type: ignore[attr-defined] # noqa: SLF001 - flask-smorest's place for it
        return view

    return mark


def access_of(view: Callable[..., Any], method: str) -> Access | None:
    """Give a view function's mark for an HTTP method, or None where it carries none."""
    view_class = getattr(view, "view_class", None)
    handler = view if view_class is None else getattr(view_class, method.lower(), None)
    return getattr(handler, MARK, None)


def accesses(app: flask.Flask) -> Iterator[tuple[str, str, Access | None]]:
    """Give (endpoint, method, mark) of every route of an application; tests hold that no mark is missing."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield rule.endpoint, method, access_of(app.view_functions[rule.endpoint], method)


def current_principal() -> Principal:
    """Give who is signed in.

    Raises:
        NotSignedIn: nobody is (only possible on open views).
    """
    principal: Principal | None = flask.g.get("principal")
    if principal is None:
        raise NotSignedIn
    return principal


def maybe_principal() -> Principal | None:
    """Give who is signed in, or None; for open views and templates."""
    return cast("Principal | None", flask.g.get("principal"))


def current_grant() -> Grant:
    """Give what the policy grants for the action of the present view: within it everything is one's own.

    Raises:
        NotSignedIn: on open views, which have no action.
    """
    grant: Grant | None = flask.g.get("grant")
    if grant is None:
        raise NotSignedIn
    return grant
