"""The demo's cases: as many people as each district reported, at times that can have been."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploy.demo import plan
from deploy.demo.filing import request_body
from deploy.demo.plan import ACTIONS, NoPlan, read_plan
from deploy.demo.timetable import Timetable
from services.intake.schemas.http import SubmitBody, to_submit
from services.intake.use_cases.check_filing import check
from shared.directory.demo_people import demo_people
from tests.builders import MONDAY, the_district

DISTRICTS = ("530103", "141002")
UNITS = {"530103": "530103004007", "141002": "141002201200"}


def _people_with(code: str, *programmes: str, outcome: str) -> int:
    return sum(
        {leg.programme for leg in case.legs} == set(programmes)
        and all(leg.closed.get("outcome") == outcome for leg in case.legs)
        for case in read_plan(code)
    )


def _legs(code: str) -> Counter[str]:
    return Counter(leg.programme for case in read_plan(code) for leg in case.legs)


def test_the_first_district_reported_twelve_allowances_and_one_public_welfare_job() -> None:
    assert _people_with("530103", "dibao", outcome="approved") == _legs("530103")["dibao"] == 12
    assert _people_with("530103", "pub-job", outcome="approved") == _legs("530103")["pub-job"] == 1


def test_the_second_reported_31_insured_twice_nine_jobs_and_twelve_times_relief() -> None:
    assert _people_with("141002", "pension", "med-enrol", outcome="enrolled") == 31
    assert _legs("141002")["pension"] == _legs("141002")["med-enrol"] == 31
    assert _people_with("141002", "pub-job", outcome="approved") == _legs("141002")["pub-job"] == 9
    assert _people_with("141002", "temp-spend", outcome="approved") == _legs("141002")["temp-spend"] == 12


@pytest.mark.parametrize("code", DISTRICTS)
def test_residents_with_other_needs_are_among_them(code: str) -> None:
    reported = {"530103": {"dibao", "pub-job"}, "141002": {"pension", "med-enrol", "pub-job", "temp-spend"}}[
        code
    ]
    others = set(_legs(code)) - reported
    agencies = {the_district(code).programmes[programme].agency for programme in others}
    assert agencies == set(the_district(code).agencies)


@pytest.mark.parametrize("code", DISTRICTS)
def test_every_case_is_accepted_at_the_date_it_is_filed(code: str) -> None:
    district = the_district(code)
    timetable = Timetable(district, MONDAY)
    for number, (case, person) in enumerate(zip(read_plan(code), demo_people(1), strict=False)):
        at = timetable.filed(case, number)
        body = request_body(district, case, person, UNITS[code], number, at)
        check(to_submit(SubmitBody().load(body)), district, at.date())


@pytest.mark.parametrize("code", DISTRICTS)
@pytest.mark.parametrize("now", [MONDAY, MONDAY - timedelta(days=1), MONDAY - timedelta(hours=9)])
def test_nothing_happened_in_the_future_or_before_what_led_to_it(code: str, now: datetime) -> None:
    timetable = Timetable(the_district(code), now)
    for number, case in enumerate(read_plan(code)):
        filed = timetable.filed(case, number)
        for leg in case.legs:
            times = [filed, *(deed.at for deed in timetable.deeds(case, leg, number, filed))]
            assert times == sorted(set(times))
            assert times[-1] < now


@pytest.mark.parametrize("code", DISTRICTS)
def test_what_lies_back_happened_in_office_hours_of_working_days(code: str) -> None:
    district = the_district(code)
    timetable, zone = Timetable(district, MONDAY), ZoneInfo(district.timezone)
    for number, case in enumerate(read_plan(code)):
        if case.filed:
            local = timetable.filed(case, number).astimezone(zone)
            assert district.calendar.is_working_day(local.date())
            assert 9 <= local.hour < 16


@pytest.mark.parametrize("code", DISTRICTS)
def test_what_was_closed_was_closed_in_time(code: str) -> None:
    district = the_district(code)
    for case in read_plan(code):
        for leg in case.legs:
            clock = district.programmes[leg.programme].clocks["decide"]
            if "close" in leg.did and clock["unit"] == "working_day":
                assert leg.did["close"] <= clock["total"]


def test_a_plan_that_cannot_be_carried_out_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "PLANS", tmp_path)
    for number, (leg, said) in enumerate(
        {
            "did: {accept: 1}": "in this order",
            "did: {acknowledge: 9}": "later than today",
            f"did: {{{', '.join(f'{name}: 1' for name in ACTIONS)}}}": "has an outcome",
        }.items()
    ):
        (tmp_path / f"{number}.yaml").write_text(
            f"- filed: 2\n  legs:\n    - programme: dibao\n      {leg}\n"
        )
        with pytest.raises(ValueError, match=said):
            read_plan(str(number))


def test_a_district_without_a_plan_says_which_have_one() -> None:
    with pytest.raises(NoPlan) as refused:
        read_plan("110101")
    assert refused.value.known == sorted(DISTRICTS)


def test_made_up_people_have_numbers_of_nowhere() -> None:
    assert all(person.id_number.startswith("990000") for person in islice(demo_people(530103), 100))
