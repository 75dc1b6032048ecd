import uuid
from datetime import date

import pytest

from relief.registry.merging.linking import link
from relief.registry.merging.workbench import open_workbench
from tests.support.workbench import fill, number, people_of

PHONE = number("a phone")
ADULT, CHILD = date(1980, 3, 4), date(2015, 6, 7)


@pytest.fixture
def bench():
    with open_workbench() as opened:
        yield opened


def doubts(bench):
    return [row[0] for row in bench.run("SELECT kind FROM doubt ORDER BY kind").fetchall()]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"number": "A"}, {"number": "A", "scheme": "S09"}),
        # a name with a homophone, under the same birth date
        ({"number": "A"}, {"number": "A", "name": "王晓鸣"}),
        # day and month swapped, under the same name
        ({"number": "A"}, {"number": "A", "born_on": date(1980, 4, 3)}),
        # another name, but day and month only swapped
        ({"number": "A"}, {"number": "A", "name": "王晓鸣", "born_on": date(1980, 4, 3)}),
        # a file without birth dates, and a slip in the name
        (
            {"number": "A"},
            {"number": "A", "name": "王小名", "born_on": None, "number_born_on": ADULT},
        ),
        # the same phone, with the same name or birth date
        (
            {"number": "A", "phone": PHONE},
            {"number": None, "born_on": None, "phone": PHONE, "region": 210302002002},
        ),
        ({"number": "A", "phone": PHONE}, {"number": None, "name": "王晓鸣", "phone": PHONE}),
        # neither number nor birth date: the same name in the same village
        ({"number": "A"}, {"number": None, "born_on": None, "scheme": "S16"}),
        ({"number": None}, {"number": None, "born_on": None, "scheme": "S16"}),
        # no number: name, birth date and county
        ({"number": "A"}, {"number": None}),
        ({"number": "A"}, {"number": None, "born_on": date(1980, 4, 3)}),
        # the number with one digit mistaken, in a file without birth dates
        (
            {"number": "A"},
            {"number": "A?", "valid": False, "born_on": None, "number_born_on": ADULT},
        ),
        # no number and no birth date, but the same line of the same department's list
        (
            {"number": "A", "household_number": "7"},
            {"number": None, "born_on": None, "household_number": "7"},
        ),
        # nobody has a number
        ({"number": None}, {"number": None, "scheme": "S09"}),
    ],
)
def test_rows_of_one_person_are_linked(bench, first, second):
    fill(bench, first, second)

    link(bench, salt="salt")

    assert people_of(bench) == [{0, 1}]
    assert doubts(bench) == []


@pytest.mark.parametrize(
    ("first", "second", "questions"),
    [
        ({"number": "A"}, {"number": "B"}, []),
        # the guardian's number, given for a child
        (
            {"number": "A"},
            {"number": "A", "name": "王宝宝", "born_on": CHILD, "number_born_on": ADULT},
            ["number_shared"],
        ),
        # the same without a birth date: the name alone says it is someone else
        (
            {"number": "A"},
            {"number": "A", "name": "李宝", "born_on": None, "number_born_on": ADULT},
            ["number_shared"],
        ),
        # a common name and the same birth date, in another county: a person looks
        (
            {"number": "A", "name": "王伟"},
            {"number": None, "name": "王伟", "region": 210303001001},
            ["similar"],
        ),
        ({"number": "A"}, {"number": None, "born_on": CHILD}, []),
        # father and son of one name on one list
        (
            {"number": "A", "household_number": "7"},
            {"number": None, "household_number": "7", "born_on": CHILD},
            [],
        ),
        # another department's number 7 is another family
        (
            {"number": "A", "household_number": "7"},
            {
                "number": None,
                "household_number": "7",
                "born_on": None,
                "department": "D09",
                "region": 210302009009,
            },
            [],
        ),
        # a child of the guardian's surname, in a file without birth dates
        (
            {"number": "A", "name": "王明"},
            {"number": "A", "name": "王宝", "born_on": None, "number_born_on": ADULT},
            ["number_shared"],
        ),
    ],
)
def test_rows_of_two_people_stay_apart(bench, first, second, questions):
    fill(bench, first, second)

    link(bench, salt="salt")

    assert people_of(bench) == [{0}, {1}]
    assert doubts(bench) == questions


def test_two_valid_numbers_stay_two_people_whatever_else_agrees(bench):
    same = {"household_number": "7", "phone": None, "address": "某路1号"}
    fill(bench, {"number": "A", **same}, {"number": "B", **same}, {"number": None, **same})

    link(bench, salt="salt")

    assert people_of(bench) == [{0}, {1}, {2}]
    assert doubts(bench) == ["ambiguous_fallback"]


def test_the_owner_of_a_number_is_the_one_whose_birth_date_it_holds(bench):
    child = {"number": "A", "name": "王宝宝", "born_on": CHILD, "number_born_on": ADULT}
    fill(bench, child, child | {"scheme": "S18"}, {"number": "A"})

    link(bench, salt="salt")

    assert people_of(bench) == [{0, 1}, {2}]
    [rule] = bench.run("SELECT rule FROM link WHERE identity_id = ?", [_id(2)]).fetchone()
    assert rule == "number"


def test_the_order_of_rows_does_not_matter(bench):
    rows = [
        {"number": "A"},
        {"number": "A", "name": "王宝宝", "born_on": CHILD, "number_born_on": ADULT},
        {"number": None},
        {"number": None, "county": 210303},
        {"number": "B", "name": "李四"},
    ]
    fill(bench, *rows)
    link(bench, salt="salt")
    with open_workbench() as other:
        fill(other, *reversed(rows))
        link(other, salt="salt")
        backwards = {frozenset(len(rows) - 1 - i for i in group) for group in people_of(other)}

    assert {frozenset(group) for group in people_of(bench)} == backwards


def _id(position):
    return uuid.UUID(int=position + 1)
