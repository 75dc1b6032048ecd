import pytest
from sqlalchemy import event

from relief.core.scope import Scope, subtree
from relief.registry import queries
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
