import pytest
from sqlalchemy import event

from relief.core.scope import Scope, subtree
from relief.registry import queries
from relief.registry.models import Household
from relief.registry.types import Category
from tests.factories import make_household

EAST = Scope((subtree(210302000000),), None)
WEST_VILLAGE = 210303002001


def search(session, cipher, **wanted):
    filters = queries.HouseholdFilter(**wanted)
    return queries.list_households(session, cipher, scope=EAST, filters=filters, limit=50).items


@pytest.mark.parametrize(
    "wanted",
    [{"phone": "abc"}, {"phone": ""}, {"name": " "}, {"citizen_id": " "}, {"address": "  "}],
)
def test_a_search_of_which_nothing_is_left_finds_nobody(session, cipher, wanted):
    make_household(session, cipher)

    assert search(session, cipher, **wanted) == []


def test_a_number_out_of_sight_and_one_that_is_nowhere_take_the_same_statements(session, cipher):
    west = make_household(session, cipher, region=WEST_VILLAGE)
    session.expunge_all()

    assert statements(session, cipher, west.citizen_id) == statements(
        session, cipher, "210302199001010000"
    )


def statements(session, cipher, citizen_id):
    sent = []

    def note(_connection, _cursor, _statement, *_rest):
        sent.append(1)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        assert search(session, cipher, citizen_id=citizen_id) == []
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return len(sent)


@pytest.mark.parametrize(
    "text", ["wangxiaoming", "Wang Xiaoming", "wáng xiǎomíng", "xiaoming", "wxm", "wx", "wang"]
)
def test_a_member_is_found_by_sound_and_by_first_letters(session, cipher, text):
    home = make_household(session, cipher, name="王小明")
    make_household(session, cipher, name="李秀英")
    make_household(session, cipher, name="王小明", region=WEST_VILLAGE)

    assert [found.id for found in search(session, cipher, pinyin=text)] == [home.id]


@pytest.mark.parametrize("text", ["shanle", "danle", "danyue", "shanyue", "sl", "dy"])
def test_a_name_of_several_readings_is_found_by_each(session, cipher, text):
    home = make_household(session, cipher, name="单乐")

    assert [found.id for found in search(session, cipher, pinyin=text)] == [home.id]


@pytest.mark.parametrize("text", ["wangxia", "ngxi", "123", "·", " ", "lixiaoming"])
def test_a_sound_that_no_name_has_finds_nobody(session, cipher, text):
    make_household(session, cipher, name="王小明")

    assert search(session, cipher, pinyin=text) == []


def test_a_household_is_found_by_its_number_in_any_writing(session, cipher):
    home, other = (make_household(session, cipher) for _ in range(2))
    west = make_household(session, cipher, region=WEST_VILLAGE)
    number = search(session, cipher, number=number_of(session, home))[0].number

    for text in (number, number.replace("-", ""), number.replace("-", "－"), f" {number} "):
        assert [found.id for found in search(session, cipher, number=text)] == [home.id]
    assert search(session, cipher, number=number_of(session, west)) == []
    assert search(session, cipher, number="210302") == []
    assert other.id != home.id


def number_of(session, home):
    return session.get_one(Household, home.id).number


def test_several_conditions_must_hold_together(session, cipher):
    home = make_household(session, cipher, name="王小明", schemes=("S01", "S21"))
    make_household(session, cipher, name="王小明", schemes=("S21",))

    found = search(session, cipher, pinyin="wxm", scheme="S01", name="小")

    assert [one.id for one in found] == [home.id]


@pytest.mark.parametrize("scope", [EAST, Scope((subtree(210302000000),), "D04")])
def test_the_pages_of_a_scheme_hold_each_household_once_in_order(session, cipher, scope):
    villages = (210302002001, 210302003001)
    homes = [
        (region, make_household(session, cipher, schemes=("S01", "S21"), region=region).id)
        for region in (*villages, *villages, villages[0])
    ]
    make_household(session, cipher, schemes=("S21",), region=WEST_VILLAGE)
    make_household(session, cipher, schemes=("S01",))
    wanted = queries.HouseholdFilter(scheme="S21")

    pages, cursor = [], None
    while True:
        page = queries.list_households(
            session, cipher, scope=scope, filters=wanted, limit=2, cursor=cursor
        )
        pages.append([row.id for row in page.items])
        if (cursor := page.next_cursor) is None:
            break

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one for page in pages for one in page] == [home for _, home in sorted(homes)]


@pytest.mark.parametrize(
    ("region", "count"),
    [("210302002000", 1), ("210302003000", 0), ("210303000000", 0), ("210300000000", 1)],
)
def test_a_scheme_and_a_region_meet_within_the_scope(session, cipher, region, count):
    make_household(session, cipher, schemes=("S21",))
    make_household(session, cipher, schemes=("S21",), region=WEST_VILLAGE)

    assert len(search(session, cipher, scheme="S21", region=region)) == count


def test_another_departments_scheme_shows_nothing(session, cipher):
    make_household(session, cipher, schemes=("S01", "S21"))
    housing = Scope((subtree(210302000000),), "D04")

    page = queries.list_households(
        session, cipher, scope=housing, filters=queries.HouseholdFilter(scheme="S01"), limit=9
    )

    assert page.items == []


@pytest.mark.parametrize("wanted", [{"name": "小"}, {"pinyin": "xiao"}, {"scheme": "S01"}])
def test_the_pages_of_a_search_hold_each_household_once_in_order(session, cipher, wanted):
    villages = (210302002001, 210302003001)
    homes = [
        (region, make_household(session, cipher, name="王小明", region=region).id)
        for region in (*villages, *villages, villages[0])
    ]
    make_household(session, cipher, name="小小", region=WEST_VILLAGE)

    pages, cursor = [], None
    while cursor or not pages:
        page = queries.list_households(
            session, cipher, scope=EAST, filters=queries.HouseholdFilter(**wanted), limit=2,
            cursor=cursor,
        )  # fmt: skip
        pages.append([row.id for row in page.items])
        cursor = page.next_cursor

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one for page in pages for one in page] == [home for _, home in sorted(homes)]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"name": "小", "region": "210302002000"}, 1),
        ({"pinyin": "wxm", "region": "210303000000"}, 0),
        ({"scheme": "S01", "category": Category.MINIMUM_ALLOWANCE}, 1),
        ({"scheme": "S01", "category": Category.OTHER}, 0),
        ({"name": "小", "category": Category.OTHER}, 0),
        ({"name": "小", "pinyin": "wxm", "address": "解放"}, 1),
    ],
)
def test_conditions_meet_whichever_way_they_are_looked_up(session, cipher, wanted, count):
    make_household(session, cipher, name="王小明")

    assert len(search(session, cipher, **wanted)) == count


def test_a_department_searches_among_its_own_households(session, cipher):
    served = make_household(session, cipher, name="王小明", schemes=("S01", "S21"))
    make_household(session, cipher, name="王小明", schemes=("S01",))
    housing = Scope((subtree(210302000000), subtree(210303000000)), "D04")

    for wanted in ({"name": "小明"}, {"pinyin": "wxm"}):
        page = queries.list_households(
            session, cipher, scope=housing, filters=queries.HouseholdFilter(**wanted), limit=9
        )
        assert [row.id for row in page.items] == [served.id]


def test_who_works_nowhere_finds_nobody(session, cipher):
    make_household(session, cipher, name="王小明")

    for wanted in ({"name": "小明"}, {"pinyin": "wxm"}, {"scheme": "S01"}, {}):
        page = queries.list_households(
            session, cipher, scope=Scope((), None), filters=queries.HouseholdFilter(**wanted),
            limit=9,
        )  # fmt: skip
        assert page.items == []
