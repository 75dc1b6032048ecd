import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import update

from relief.audit import service as audit
from relief.core.ids import new_id
from relief.core.paging import BadCursor
from relief.core.scope import Scope, subtree
from relief.organisation.errors import RegionNotFound
from relief.organisation.queries import zones
from relief.registry import queries
from relief.registry.errors import HouseholdNotFound, PersonNotFound
from relief.registry.intake.errors import BatchNotFound
from relief.registry.models import Household, Membership, Person
from relief.registry.queries import BatchFilter, HouseholdFilter
from relief.registry.types import BatchStatus, Category
from tests.factories import make_batch, make_household, make_review
from tests.support.settings import START

CITY = Scope((subtree(210300000000),), None)
EAST = Scope((subtree(210302000000),), None)
HOUSING = Scope((subtree(210302000000),), "D04")
WEST_VILLAGE = 210303001001


def listed(session, cipher, scope=EAST, limit=50, cursor=None, **filters):
    return queries.list_households(
        session,
        cipher,
        scope=scope,
        filters=HouseholdFilter(**filters),
        limit=limit,
        cursor=cursor,
    )


def ids(page):
    return [row.id for row in page.items]


def test_a_line_is_masked_and_names_its_schemes(session, cipher):
    home = make_household(session, cipher, schemes=("S21", "S01"))

    row = listed(session, cipher).items[0]

    assert row.phone == f"{home.phone[:3]}****{home.phone[-4:]}"
    assert [tag.code for tag in row.schemes] == ["S01", "S21"]
    assert row.region_name.startswith("铁东区")
    assert row.helper is None


def test_a_household_without_phone_or_known_region_is_shown(session, cipher):
    home = make_household(session, cipher)
    session.execute(
        update(Household)
        .where(Household.id == home.id)
        .values(phone=None, region_code=210302999999, householder_id=None)
    )

    row = listed(session, cipher).items[0]

    assert (row.phone, row.region_name) == (None, "")


def test_pages_go_by_place_and_cover_every_row_once(session, cipher):
    homes = [
        make_household(session, cipher, region=region)
        for region in (210302003001, 210302002001, 210302002001, 210302002002)
    ]

    seen, cursor = [], None
    while True:
        page = listed(session, cipher, limit=3, cursor=cursor)
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break

    assert sorted(row.id for row in seen) == sorted(home.id for home in homes)
    assert [row.region_code for row in seen] == sorted(row.region_code for row in seen)


@pytest.mark.parametrize("cursor", ["x", "12", "12.x", "-1.0", "9" * 30 + ".x"])
def test_a_cursor_that_we_did_not_give_is_refused(session, cipher, cursor):
    with pytest.raises(BadCursor):
        listed(session, cipher, cursor=cursor)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"region": "210302002001"}, True),
        ({"region": "210302000000"}, True),
        ({"region": "210302003000"}, False),
        ({"scheme": "S01"}, True),
        ({"scheme": "S02"}, False),
        ({"category": Category.MINIMUM_ALLOWANCE}, True),
        ({"category": Category.OTHER}, False),
        ({"name": "古丽·阿"}, True),
        ({"name": "阿卜"}, True),
        ({"name": "古丽 ・ 阿卜"}, True),
        ({"name": "古丽%"}, False),
        ({"address": "胜利路"}, True),
        ({"address": "胜利_12"}, False),
        ({"address": "建国路"}, False),
    ],
)
def test_the_list_is_narrowed(session, cipher, filters, found):
    make_household(session, cipher, name="古丽·阿卜", address="胜利路12号")

    assert bool(listed(session, cipher, **filters).items) is found


def test_a_zone_narrows_and_an_unknown_region_is_refused(session, cipher):
    make_household(session, cipher)

    listed(session, cipher, scope=CITY, region=zones(session)[0].code)
    with pytest.raises(RegionNotFound):
        listed(session, cipher, region="nowhere")


def test_a_member_is_found_by_number_in_any_form_and_by_phone(session, cipher):
    home = make_household(session, cipher)
    make_household(session, cipher)
    spaced = f"{home.citizen_id[:6]} {home.citizen_id[6:14]} {home.citizen_id[14:].lower()}"
    old = home.citizen_id[:6] + home.citizen_id[8:17]

    for filters in (
        {"citizen_id": home.citizen_id},
        {"citizen_id": spaced},
        {"citizen_id": old},
        {"phone": f"{home.phone[:3]} {home.phone[3:]}"},
        {"citizen_id": home.citizen_id, "phone": home.phone},
    ):
        assert ids(listed(session, cipher, **filters)) == [home.id], filters


def test_a_number_that_is_nowhere_finds_nothing(session, cipher):
    make_household(session, cipher)

    assert listed(session, cipher, citizen_id="210302199901010000").items == []
    assert listed(session, cipher, phone="13999999999").items == []


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_takes_three_queries_however_long(session, cipher, assert_queries, count):
    for _ in range(count):
        make_household(session, cipher, schemes=("S01", "S21"))

    with assert_queries(3):
        assert len(listed(session, cipher).items) == count


def test_a_narrowed_list_takes_one_query_more_for_the_region_and_each_number(
    session, cipher, assert_queries
):
    home = make_household(session, cipher)

    with assert_queries(6):
        page = listed(
            session,
            cipher,
            region="210302000000",
            name="张",
            citizen_id=home.citizen_id,
            phone=home.phone,
        )
    assert ids(page) == [home.id]


def test_a_household_and_a_person_take_eight_queries_each(session, cipher, assert_queries):
    home = make_household(session, cipher, schemes=("S01", "S21"))
    session.expunge_all()

    with assert_queries(8):
        queries.household_detail(session, cipher, scope=EAST, household_id=home.id)
    session.expunge_all()
    with assert_queries(8):
        queries.person_detail(session, cipher, scope=EAST, person_id=home.person_id)


def test_what_lies_outside_the_scope_is_not_there(session, cipher):
    west = make_household(session, cipher, region=WEST_VILLAGE)

    assert ids(listed(session, cipher)) == []
    with pytest.raises(HouseholdNotFound):
        queries.household_detail(session, cipher, scope=EAST, household_id=west.id)
    with pytest.raises(PersonNotFound):
        queries.person_detail(session, cipher, scope=EAST, person_id=west.person_id)
    assert ids(listed(session, cipher, scope=CITY)) == [west.id]


def test_nobody_without_a_region_sees_anything(session, cipher):
    make_household(session, cipher)

    assert listed(session, cipher, scope=Scope((), None)).items == []


def test_a_department_sees_households_of_its_schemes_and_of_them_only_its_own(session, cipher):
    home = make_household(session, cipher, schemes=("S01", "S21"))
    make_household(session, cipher, schemes=("S23",))

    page = listed(session, cipher, scope=HOUSING)
    detail = queries.household_detail(session, cipher, scope=HOUSING, household_id=home.id)

    assert ids(page) == [home.id]
    assert {tag.code for tag in page.items[0].schemes} == {"S21"}
    assert {place.scheme.code for place in detail.enrolments} == {"S21"}
    assert {row.scheme.code for row in detail.aid} == {"S21"}
    assert {row.scheme.code for row in detail.sources} == {"S21"}
    assert {tag.code for tag in detail.household.schemes} == {"S21"}


def test_a_departments_filter_tells_nothing_of_others(session, cipher):
    make_household(session, cipher, schemes=("S01", "S21"))

    assert listed(session, cipher, scope=HOUSING, scheme="S01").items == []
    assert len(listed(session, cipher, scope=HOUSING, scheme="S21").items) == 1


def test_a_department_sees_masked_basics_and_of_the_rest_what_it_sent(session, cipher):
    theirs = make_household(session, cipher, schemes=("S21",))  # its file gave account and health
    others = make_household(session, cipher, schemes=("S01", "S21"))

    def fields(home, scope):
        detail = queries.person_detail(session, cipher, scope=scope, person_id=home.person_id)
        return {field.name: field for field in detail.fields}

    assert {"account", "health"} <= fields(theirs, HOUSING).keys()
    assert not {"account", "health", "marital"} & fields(others, HOUSING).keys()
    assert fields(others, HOUSING)["phone"].origin is None
    assert fields(others, EAST)["phone"].origin.scheme.code == "S01"


def test_a_persons_values_are_masked_and_have_origins(session, cipher):
    home = make_household(session, cipher)

    detail = queries.person_detail(session, cipher, scope=EAST, person_id=home.person_id)

    fields = {field.name: field for field in detail.fields}
    assert fields["citizen_id"].value == "2103" + "*" * 14
    assert fields["health"].value == "已登记（保密）"
    assert fields["account"].value.startswith("****")
    assert not fields["name"].masked
    assert fields["born_on"].value == "1980-03-04"
    assert fields["ethnicity"].value is None
    assert fields["name"].origin.file_name == "S01.csv"
    assert (detail.relation, detail.household_id) == ("02", home.id)


def test_a_person_alone_goes_by_the_own_region_and_only_for_who_sees_all(session, cipher):
    home = make_household(session, cipher, schemes=("S21",))
    session.delete(session.get(Membership, home.person_id))
    session.flush()
    person = session.get(Person, home.person_id)
    person.citizen_id = person.phone = person.account = person.health = None
    session.flush()

    detail = queries.person_detail(session, cipher, scope=EAST, person_id=home.person_id)

    assert (detail.household_id, detail.relation, detail.household_number) == (None, None, None)
    with pytest.raises(PersonNotFound):
        queries.person_detail(session, cipher, scope=HOUSING, person_id=home.person_id)


def test_changes_hide_personal_values_and_those_of_others(session, cipher, alice):
    home = make_household(session, cipher)
    other = make_household(session, cipher)
    audit.attribute(session, actor_id=alice.id, reason="归并", now=START)
    new_phone = session.get(Person, other.person_id).phone
    session.execute(
        update(Person)
        .where(Person.id == home.person_id)
        .values(phone=new_phone, marital="30", name="李四", name_key="李四")
    )
    session.execute(update(Person).where(Person.id == home.person_id).values(name_key="李四四"))

    detail = queries.household_detail(session, cipher, scope=EAST, household_id=home.id)

    changed = [row for row in detail.changes if row.op == "U"]
    assert len(changed) == 1  # the second change is of nothing that anyone reads
    assert changed[0].fields == {
        "marital": ["20", "30"],
        "name": ["张三", "李四"],
        "phone": ["(保密)", "(保密)"],
    }
    assert (changed[0].actor_id, changed[0].reason) == (alice.id, "归并")
    assert changed[0].changed_at == START


def test_a_department_does_not_see_changes_of_others(session, cipher):
    home = make_household(session, cipher, schemes=("S01", "S21"))
    session.execute(
        update(Person).where(Person.id == home.person_id).values(marital="30", account=None)
    )

    def tables(scope):
        detail = queries.household_detail(session, cipher, scope=scope, household_id=home.id)
        return sorted(row.table for row in detail.changes)

    assert tables(EAST).count("enrolment") == 2
    assert tables(HOUSING).count("enrolment") == 1
    assert tables(EAST).count("person") == tables(HOUSING).count("person") + 1


def test_batches_are_listed_by_department_scheme_and_status(session):
    civil = make_batch(session, "S01")
    housing = make_batch(session, "S21", now=START + timedelta(minutes=1))

    def found(scope=CITY, limit=50, cursor=None, **filters):
        return queries.list_batches(
            session, scope=scope, filters=BatchFilter(**filters), limit=limit, cursor=cursor
        )

    assert ids(found()) == [housing, civil]
    assert ids(found(scope=HOUSING)) == [housing]
    assert ids(found(scheme="S01")) == [civil]
    assert ids(found(status=BatchStatus.UNDONE)) == []
    first = found(limit=1)
    assert ids(found(limit=1, cursor=first.next_cursor)) == [civil]


def test_a_batch_of_another_department_is_not_there(session):
    civil = make_batch(session, "S01")

    assert queries.batch_detail(session, scope=EAST, batch_id=civil).scheme.name == "低保"
    with pytest.raises(BatchNotFound):
        queries.batch_detail(session, scope=HOUSING, batch_id=civil)
    with pytest.raises(BatchNotFound):
        queries.rejected_rows(session, scope=HOUSING, batch_id=civil, limit=1)
    with pytest.raises(BatchNotFound):
        queries.batch_detail(session, scope=EAST, batch_id=new_id(START))


def test_rejected_rows_come_in_order_by_pages(session):
    batch = make_batch(session, "S01", rejected=3)

    first = queries.rejected_rows(session, scope=CITY, batch_id=batch, limit=2)
    rest = queries.rejected_rows(
        session, scope=CITY, batch_id=batch, limit=2, cursor=first.next_cursor
    )

    assert [row.row_number for row in (*first.items, *rest.items)] == [5, 6, 7]
    assert first.items[0].reason == "金额无法识别"


def test_questions_are_listed_by_region_and_name_nobody_outside(session, cipher):
    home = make_household(session, cipher, region=WEST_VILLAGE, name="外区人")
    east = make_review(session, home, region=210302002001)
    make_review(session, home, region=WEST_VILLAGE)

    page = queries.list_link_reviews(session, scope=EAST, limit=5)
    city = queries.list_link_reviews(session, scope=CITY, limit=1)
    rest = queries.list_link_reviews(session, scope=CITY, limit=1, cursor=city.next_cursor)

    assert ids(page) == [east]
    assert page.items[0].person_name is None
    assert page.items[0].evidence == {"names": 2}
    assert {*ids(city), *ids(rest)} > {east}
    assert city.items[0].person_name == "外区人"
    assert queries.list_link_reviews(session, scope=CITY, limit=5, closed=True).items == []


def test_what_queries_return_cannot_be_changed(session, cipher):
    make_household(session, cipher)
    row = listed(session, cipher).items[0]

    with pytest.raises(dataclasses.FrozenInstanceError):
        row.phone = "13800000000"
