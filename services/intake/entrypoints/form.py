"""The form of a new request: what the browser sent, made into the body the API takes, and back into a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from shared.directory import District, Field, Programme
from shared.http.problems import FieldError, Problem

PERSON = ("name", "id_number", "phone", "birth_date", "residence", "household_registration")
BENEFICIARY = ("relation", "name", "id_number", "birth_date")
GUARDIAN = ("name", "relation", "phone")
PAPER_FORM = ("number", "date")
SHARED_BY_CONSENTS = frozenset(
    {"expires_on", "given_by", "witnessed_by", "cosigned_by", "guardian", "how", "form"}
)
WHOLE = {"guardian": "guardian.name", "form": "form.number"}
"""Parts of a consent that stand in several fields of the form → the first of them."""
FOR_SOMEONE_ELSE = frozenset({"child", "household"})
"""Programmes whose help may be for somebody else than the person."""

Values = MultiDict[str, str]


@dataclass(frozen=True)
class Form:
    """One filled-in form. Names of its fields are dotted like the API's: ``person.name``, ``note.dibao``."""

    values: Values
    district: District

    def get(self, name: str, default: str = "") -> str:
        """Give one value, without spaces around it."""
        return (self.values.get(name) or default).strip()

    def chosen(self) -> list[Programme]:
        """Give the programmes that are ticked, in the pack's order; unknown ids are left out."""
        ticked = set(self.values.getlist("programme"))
        return [programme for programme in self.district.programmes.values() if programme.id in ticked]

    def agencies(self) -> list[str]:
        """Give the agencies of the ticked programmes, each once."""
        return list(dict.fromkeys(programme.agency for programme in self.chosen()))

    def fields(self) -> list[Field]:
        """Give the fields that the ticked programmes ask for, each once."""
        names = dict.fromkeys(name for programme in self.chosen() for name in programme.fields)
        return [self.district.fields[name] for name in names]

    def body(self) -> dict[str, Any]:
        """Make the body of ``POST /requests``; what was left empty is left out."""
        return {
            "person": self._some("person", PERSON),
            "legs": [self._leg(programme) for programme in self.chosen()],
            "consents": [
                self._consent(agency) for agency in self.agencies() if f"consent.{agency}" in self.values
            ],
            "urgency": self.get("urgency", "normal"),
            "answers": {
                field.id: value for field in self.fields() if (value := self._answer(field)) is not None
            },
        }

    def errors_in(self, problem: Problem) -> Problem:
        """Name the problem's fields as this form names them, so that each stands beside its field."""
        places = [FieldError(self._place(error.field), error.message) for error in problem.errors]
        return Problem(problem.id, problem.status, problem.title, problem.detail, errors=places)

    def _some(self, prefix: str, names: Sequence[str]) -> dict[str, str]:
        return {name: value for name in names if (value := self.get(f"{prefix}.{name}"))}

    def _leg(self, programme: Programme) -> dict[str, Any]:
        beneficiary = self._some(f"beneficiary.{programme.id}", BENEFICIARY)
        note = self.get(f"note.{programme.id}")
        return {
            "programme": programme.id,
            **({"beneficiary": beneficiary} if beneficiary else {}),
            **({"note": note} if note else {}),
        }

    def _consent(self, agency: str) -> dict[str, Any]:
        guardian = self._some("guardian", GUARDIAN)
        paper = self._some("form", PAPER_FORM)
        return {
            "agency": agency,
            "programmes": [programme.id for programme in self.chosen() if programme.agency == agency],
            "data_kinds": ["identity", *self.values.getlist(f"kinds.{agency}")],
            "purpose": "aid",
            "given_by": self.get("given_by", "person"),
            **({"expires_on": expires} if (expires := self.get("expires_on")) else {}),
            **({"witnessed_by": witness} if (witness := self.get("witnessed_by")) else {}),
            **({"cosigned_by": cosigner} if (cosigner := self.get("cosigned_by")) else {}),
            **({"guardian": guardian} if guardian else {}),
            **({"how": how} if (how := self.get("how")) else {}),
            **({"form": paper} if paper else {}),
        }

    def _answer(self, field: Field) -> Any:  # noqa: ANN401 - an answer is of its field's type
        if field.type == "options":
            return self.values.getlist(f"answers.{field.id}") or None
        value = self.get(f"answers.{field.id}")
        return READ.get(field.type, _as_it_is)(value) if value else None

    def _place(self, path: str) -> str:
        head, _, rest = path.partition(".")
        place = PLACES.get(head)
        number, _, inner = rest.partition(".")
        if place is None or not number.isdigit():
            return path
        return place(self, int(number), inner)

    def place_of_leg(self, number: int, inner: str) -> str:
        """Give the form's name for a field of leg ``number``."""
        programme = self.chosen()[number].id
        field, _, rest = inner.partition(".")
        return {"note": f"note.{programme}", "beneficiary": f"beneficiary.{programme}.{rest}"}.get(
            field, f"programme.{programme}"
        )

    def place_of_consent(self, number: int, inner: str) -> str:
        """Give the form's name for a field of consent ``number``; what all consents share stands once."""
        given = [agency for agency in self.agencies() if f"consent.{agency}" in self.values]
        if inner in WHOLE:
            return WHOLE[inner]
        return inner if inner.partition(".")[0] in SHARED_BY_CONSENTS else f"consent.{given[number]}"


PLACES = {"legs": Form.place_of_leg, "consents": Form.place_of_consent}


def _as_it_is(value: str) -> Any:  # noqa: ANN401 - as the other readers
    return value


def _number(value: str) -> Any:  # noqa: ANN401 - what is no number is refused by the rules, with its field's name
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return value


READ: Mapping[str, Any] = {
    "number": _number,
    "boolean": lambda value: {"true": True, "false": False}.get(value, value),
}
