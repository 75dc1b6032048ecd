"""Each department's own household, beside the one that the registry makes of them all."""

from datetime import date

import pytest

from relief.core.scope import Scope, subtree
from relief.registry.errors import HouseholdNotFound
from relief.registry.models import Membership
from relief.registry.queries import department_lists
from tests.support.deciding import WHOLE_CITY, Desk
from tests.support.source import number

BORN, CHILD_BORN = date(1980, 3, 4), date(2015, 6, 7)
FATHER = {"name": "王建国", "number": number(BORN, 1), "household_number": "1", "relation": "02"}
MOTHER = {"name": "张伟", "number": number(BORN, 4), "household_number": "1", "relation": "10"}
CHILD = {"name": "王小宝", "number": number(CHILD_BORN, 3), "household_number": "1"}
GRANDMOTHER = {"name": "李秀英", "number": number(BORN, 2), "household_number": "7"}


@pytest.fixture
def desk(session, cipher, steward):
    desk = Desk(session, cipher, steward.id)
    desk.send("S01", FATHER, MOTHER, CHILD)
    desk.send("S21", FATHER | {"household_number": "88"}, MOTHER | {"household_number": "88"})
    desk.file("S28", GRANDMOTHER, {**CHILD, "household_number": "7", "relation": "26"})
    return desk


def lists_of(desk, name, scope=WHOLE_CITY):
    home = desk.session.get_one(Membership, desk.person(name)).household_id
    return department_lists.of_household(desk.session, scope=scope, household_id=home)


def test_each_list_stands_as_it_came_with_whom_it_lacks_and_has_beside(desk):
    found = lists_of(desk, "王建国")

    assert [
        (one.department_name, one.household_number, [each.name for each in one.people], absent)
        for one, absent in zip(found.lists, found.absent, strict=True)
    ] == [
        ("民政局", "1", ["王建国", "张伟", "王小宝"], []),
        ("住房和城乡建设局", "88", ["王建国", "张伟"], ["王小宝"]),
        ("农业农村局（乡村振兴局）", "7", ["王小宝", "李秀英"], ["张伟", "王建国"]),
    ]
    [elsewhere] = [each for each in found.lists[2].people if each.name == "李秀英"]
    assert elsewhere.household_id not in {found.household_id, None}


def test_however_many_lists_the_queries_are_three(desk, assert_queries):
    home = desk.session.get_one(Membership, desk.person("王建国")).household_id

    with assert_queries(3):
        department_lists.of_household(desk.session, scope=WHOLE_CITY, household_id=home)


def test_a_department_sees_its_own_lists_only(desk):
    housing = Scope((subtree(210302000000),), "D04")

    assert [one.household_number for one in lists_of(desk, "王建国", housing).lists] == ["88"]


def test_a_household_out_of_scope_is_not_there(desk):
    with pytest.raises(HouseholdNotFound):
        lists_of(desk, "王建国", Scope((subtree(210303000000),), None))


def test_a_household_without_numbers_has_no_list(desk):
    desk.file("S09", {"name": "赵敏", "number": number(BORN, 9)})

    assert lists_of(desk, "赵敏").lists == []


def test_two_lists_of_one_department_differ_by_their_schemes(desk):
    desk.file("S02", FATHER | {"household_number": "1"})
    desk.file("S09", FATHER | {"household_number": "31"})

    found = lists_of(desk, "王建国")

    assert {
        one.household_number: one.schemes for one in found.lists if one.department_name == "民政局"
    } == {"1": ["最低生活保障（城市/农村）", "特困人员救助供养"], "31": ["困难残疾人生活补贴"]}
