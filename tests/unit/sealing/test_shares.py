"""The master key in shares: any of them that are enough give it back, and nothing else does."""

from __future__ import annotations

from itertools import combinations

import pytest

from shared.sealing import MasterKey
from shared.sealing.shares import SharesRefused, join, split


@pytest.fixture(scope="module")
def master() -> MasterKey:
    return MasterKey.generate()


@pytest.fixture(scope="module")
def shares(master: MasterKey) -> list[str]:
    return split(master, 3, 5)


def test_any_three_of_five_give_the_key_back(master: MasterKey, shares: list[str]) -> None:
    assert {join(some).secret for some in combinations(shares, 3)} == {master.secret}
    assert join(shares).secret == master.secret


def test_two_are_too_few_also_given_twice(shares: list[str]) -> None:
    for few in (shares[:2], [shares[0], shares[0], shares[1]], []):
        with pytest.raises(SharesRefused, match="are needed, and there are"):
            join(few)


def test_each_splitting_makes_other_shares(master: MasterKey) -> None:
    assert len({split(master, 3, 3)[0] for _ in range(20)}) == 20


def test_a_miscopied_share_is_named(shares: list[str]) -> None:
    at = 40
    other = "A" if shares[1][at] != "A" else "B"
    wrong = shares[1][:at] + other + shares[1][at + 1 :]
    for copied in (wrong, shares[1][:-5], "", "一二三"):
        with pytest.raises(SharesRefused, match="was not copied rightly"):
            join([shares[0], copied, shares[2]])
    assert shares[1][:9] in _refusal([shares[0], wrong, shares[2]])


def _refusal(lines: list[str]) -> str:
    with pytest.raises(SharesRefused) as refused:
        join(lines)
    return str(refused.value)


def test_as_people_write_them_they_are_read(master: MasterKey, shares: list[str]) -> None:
    written = [share.lower().replace("-", " ").replace("o", "0").replace("i", "1") for share in shares]
    assert join(written[:3]).secret == master.secret


def test_shares_of_another_splitting_or_key_are_found_out(master: MasterKey, shares: list[str]) -> None:
    for others in (split(master, 3, 5), split(MasterKey.generate(), 3, 5), split(master, 2, 5)):
        with pytest.raises(SharesRefused, match="not of one splitting"):
            join([*shares[:2], others[2]])


@pytest.mark.parametrize(("needed", "number"), [(1, 3), (4, 3), (2, 17), (0, 0)])
def test_a_splitting_that_shares_nothing_is_refused(master: MasterKey, needed: int, number: int) -> None:
    with pytest.raises(ValueError, match="must be needed"):
        split(master, needed, number)
