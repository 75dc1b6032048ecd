"""Taking one person apart: by what was decided, and by likeness where nothing was."""

import itertools
from datetime import date

import pytest

from relief.registry.merging.groups import Groups
from relief.registry.merging.sides import Description, Different, take_apart

BORN = date(1980, 3, 4)
_serial = itertools.count(1)


def said(sign, *, name="王建国", rule="number", cluster="n1", **more):
    place = next(_serial)
    return Description(
        **{
            "id": f"{place:04}",
            "signature": sign,
            "cluster": cluster,
            "rule": rule,
            "content": f"{sign}|{name}|{place:04}",
            "number": "1",
            "confirmed": True,
            "name": name,
            "born_on": BORN,
            "department": "D01",
            "household": None,
            "phone": None,
            "address": None,
            "region": 1,
            "records": 1,
            **more,
        }
    )


def apart(*descriptions, different, same=()):
    """Take them apart; return the signatures of each side, and the clusters."""
    found = take_apart(
        sorted(descriptions, key=lambda one: one.content),
        same=same,
        different=[
            each if isinstance(each, Different) else Different(*each, None) for each in different
        ],
    )
    sides: dict[str, list[str]] = {}
    for one in descriptions:
        sides.setdefault(found.of_identity[one.id], []).append(one.signature)
    return sorted(sorted(side) for side in sides.values()), found


def test_a_split_gives_exactly_its_two_sides():
    sides, _ = apart(
        said("a"), said("b"), said("c"), said("d"),
        different=[(stays, goes) for stays in "ab" for goes in "cd"],
    )  # fmt: skip

    assert sides == [["a", "b"], ["c", "d"]]


def test_a_side_that_is_split_again_gives_three():
    pairs = [("a", "b"), ("a", "c"), ("b", "c")]

    assert apart(said("a"), said("b"), said("c"), different=pairs)[0] == [["a"], ["b"], ["c"]]


def test_what_is_the_same_stays_together():
    sides, _ = apart(said("a"), said("b"), said("c"), different=[("a", "b")], same=[("c", "b")])

    assert sides == [["a"], ["b", "c"]]


@pytest.mark.parametrize(
    ("new", "beside"),
    [
        ({"name": "王建园"}, "b"),
        ({"name": "王建国"}, "a"),
        ({"name": "别人", "number": "9", "household": "D01|7"}, "a"),
        ({"name": "别人", "number": "9", "phone": "p"}, "b"),
        ({"name": "别人", "number": "9", "born_on": None, "address": "甲街", "region": 2}, "b"),
    ],
)
def test_what_nobody_decided_goes_where_it_resembles_someone(new, beside):
    a = said("a", household="D01|7")
    b = said("b", name="王建园", phone="p", address="甲街")

    sides, _ = apart(a, b, said("new", **new), different=[("a", "b")])

    assert sorted([beside, "new"]) in sides


@pytest.mark.parametrize(
    ("one", "other", "heir"),
    [
        ({"rule": "own_list"}, {}, "b"),
        ({"confirmed": False}, {}, "b"),
        ({}, {"department": "D02"}, "a"),
        ({"records": 1}, {"records": 9}, "b"),
    ],
)
def test_the_number_stays_with_the_better_witness(one, other, heir):
    a, b = said("a", **one), said("b", **other)

    _, found = apart(a, b, different=[("a", "b")])

    of = {"a": a, "b": b}
    assert found.of_cluster["n1"] == found.of_identity[of[heir].id] == "n1"


def test_the_number_does_not_go_with_what_a_split_took_away():
    stays, goes = said("a", records=1), said("b", records=9)

    _, found = apart(stays, goes, different=[Different("a", "b", "b")])

    assert found.of_cluster["n1"] == found.of_identity[stays.id]


def test_a_number_goes_with_its_records_even_if_they_were_taken_away():
    stays, goes = said("a", rule="own_list", number=None), said("b")

    _, found = apart(stays, goes, different=[Different("a", "b", "b")])

    assert found.of_cluster["n1"] == found.of_identity[goes.id]


def test_identities_of_one_signature_are_told_apart_by_their_ids():
    one, other, later = (
        said("a", address="甲街"),
        said("a", address="乙街"),
        said("a", address="乙街"),
    )
    pair = (f"i:{one.id}", f"i:{other.id}")

    _, found = apart(one, other, later, different=[pair])

    assert found.of_identity[one.id] != found.of_identity[other.id]
    assert found.of_identity[later.id] == found.of_identity[other.id]


def test_two_sides_that_say_the_same_have_two_names():
    one, other, third = (said("a", content="same") for _ in range(3))
    pairs = [
        (f"i:{left.id}", f"i:{right.id}")
        for left, right in itertools.combinations((one, other, third), 2)
    ]

    _, found = apart(one, other, third, different=pairs)

    assert len(set(found.of_identity.values())) == 3


def test_people_that_were_joined_go_on_as_who_they_were():
    a, b = said("a", cluster="n1"), said("b", cluster="n2", number="2")

    _, found = apart(a, b, said("c", cluster="u1"), different=[("a", "b")], same=[])

    assert found.of_cluster["n1"] == "n1"
    assert found.of_cluster["n2"] == "n2"


def test_the_order_of_decisions_does_not_matter():
    people = [said(sign) for sign in "abcde"]
    pairs = [("a", "b"), ("c", "d"), ("b", "e")]

    wanted, _ = apart(*people, different=pairs)

    for order in itertools.permutations(pairs):
        assert apart(*people, different=order)[0] == wanted


def test_groups_are_called_by_their_smallest_member():
    groups: Groups[str] = Groups()
    groups.join(["d", "c"])
    groups.join(["c", "a", "e"])

    assert [groups.find(member) for member in "abcde"] == ["a", "b", "a", "a", "a"]
