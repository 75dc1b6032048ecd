from relief.core.scope import Scope, subtree
from relief.registry import queries
from relief.registry.merging.service import merge
from tests.support.settings import START as NOW
from tests.support.source import number, send

EAST = (subtree(210302000000),)
FATHER = {
    "name": "王建国",
    "number": number(),
    "relation": "02",
    "household_number": "1",
    "address": "甲街1号",
}


def test_each_field_of_a_household_says_which_file_it_came_from(session, cipher):
    send(session, cipher, "S01", FATHER, now=NOW)
    send(session, cipher, "S21", FATHER | {"address": "乙街2号", "phone": "15400000001"}, now=NOW)
    merge(session, cipher=cipher, actor_id=None, now=NOW)
    [home] = queries.list_households(
        session, cipher, scope=Scope(EAST, None), filters=queries.HouseholdFilter(), limit=9
    ).items

    seen = {
        department: queries.household_detail(
            session, cipher, scope=Scope(EAST, department), household_id=home.id
        ).origins
        for department in (None, "D04")
    }

    assert {field: origin.scheme.code for field, origin in seen[None].items()} == {
        "householder": "S01",
        "address": "S01",
        "phone": "S21",
        "region": "S01",
    }
    # Another department learns of its own files only.
    assert {field: origin.file_name for field, origin in seen["D04"].items()} == {
        "phone": "S21.csv"
    }
