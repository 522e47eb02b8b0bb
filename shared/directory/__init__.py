"""The district pack: what a district decides for itself, checked as a whole and stored by version."""

from shared.directory.model import (
    Agency,
    District,
    Field,
    Post,
    StaffMember,
    StreetDesk,
    Unit,
)
from shared.directory.neutral import FORBIDDEN, forbidden_word
from shared.directory.pack import PackError, PackErrors, check_pack, find_pack, load_pack
from shared.directory.programmes import (
    CLINICAL_OUTWARD,
    AidFirst,
    Basis,
    Capacity,
    Check,
    Criterion,
    Easing,
    Law,
    Paper,
    Programme,
    Step,
    UnknownProgramme,
)
from shared.directory.store import Directory, NoDistrict, UnknownVersion, apply
from shared.directory.tables import district_packs
from shared.directory.widening import DATA_PROTECTION, Widening, approvers, widened

__all__ = [
    "CLINICAL_OUTWARD",
    "DATA_PROTECTION",
    "FORBIDDEN",
    "Agency",
    "AidFirst",
    "Basis",
    "Capacity",
    "Check",
    "Criterion",
    "Directory",
    "District",
    "Easing",
    "Field",
    "Law",
    "NoDistrict",
    "PackError",
    "PackErrors",
    "Paper",
    "Post",
    "Programme",
    "StaffMember",
    "Step",
    "StreetDesk",
    "Unit",
    "UnknownProgramme",
    "UnknownVersion",
    "Widening",
    "apply",
    "approvers",
    "check_pack",
    "district_packs",
    "find_pack",
    "forbidden_word",
    "load_pack",
    "widened",
]
