"""Codes that nobody knows: a typing error is not to look like an empty list or a figure of zero."""

from __future__ import annotations

from collections.abc import Collection

from services.referrals.domain.doing import one_of
from services.referrals.domain.errors import BadFields, FieldFault
from shared.directory import CLINICAL_OUTWARD, District
from shared.text import Text

_NO_SUCH_PROGRAMME = Text(
    "没有这一项目，请核对代码；可选：{known}。",
    "There is no such programme; check the code, one of: {known}.",
)
_NO_SUCH_AGENCY = Text(
    "没有这一单位，请核对代码；可选：{known}。", "There is no such agency; check the code, one of: {known}."
)
_NO_SUCH_UNIT = Text(
    "本区没有这一区划代码，请核对：填写本区、街道或社区的代码。",
    "The district has no unit of this code; give the code of a community, a street or the district itself.",
)


def refuse_unknown(
    found: Collection[object],
    district: District,
    *,
    agency: str | None,
    unit: str | None,
    programme: str | None = None,
) -> None:
    """Object to a code that nobody knows, where nothing was found by it.

    What the pack knows may well have nothing, and what it has forgotten may have something.
    Raises ``BadFields``.
    """
    if found:
        return
    programmes = {each.outward_id: each.name for each in district.programmes.values()}
    programmes[CLINICAL_OUTWARD] = district.clinical_name
    agencies = {each.id: each.name for each in district.agencies.values()}
    faults = [
        FieldFault(name, text)
        for name, code, known, text in (
            ("programme", programme, programmes, one_of(_NO_SUCH_PROGRAMME, programmes)),
            ("agency", agency, agencies, one_of(_NO_SUCH_AGENCY, agencies)),
            ("unit", unit, district.units, _NO_SUCH_UNIT),
        )
        if code is not None and code not in known
    ]
    if faults:
        raise BadFields(faults)
