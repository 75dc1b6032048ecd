"""How many households in aid have a helper: the count, the lists behind it, and who sees them."""

from datetime import date

import pytest
from sqlalchemy import event, select, update

from relief.audit.models import AuditEvent
from relief.core.ids import new_id
from relief.core.scope import Scope, subtree
from relief.organisation.errors import RegionNotFound
from relief.registry.models import Enrolment
from relief.visits import coverage, helpers
from relief.visits.types import Covered, EndKind
from tests import factories
from tests.support.helping import Steward, said
from tests.support.settings import START

CITY, EAST, TOWNSHIP = 210300000000, 210302000000, 210302002000
VILLAGE, NEXT, WEST = 210302002001, 210302003001, 210303001001
ALL = Scope((subtree(CITY),), None)
OTHER = said("帮乙", 901)
TODAY = START.date()


@pytest.fixture
def desk(session, steward):
    return Steward(session, steward.id)


@pytest.fixture
def town(session, cipher, desk):
    """Helped, of one who left, of both, of nobody; one of nobody in the west; one on no list."""
    made = {
        name: factories.make_household(session, cipher, region=region, schemes=schemes).id
        for name, region, schemes in (
            ("helped", VILLAGE, ("S01",)),
            ("left", VILLAGE, ("S01", "S21")),
            ("both", NEXT, ("S01",)),
            ("none", NEXT, ("S21",)),
            ("west", WEST, ("S01",)),
            ("former", VILLAGE, ("S01",)),
        )
    }
    for name in ("helped", "both", "former"):
        desk.give(made[name])
    for name in ("left", "both"):
        desk.give(made[name], OTHER)
    desk.give(made["none"], from_on=date(2027, 1, 1))
    helpers.leave(
        session, actor=desk.actor, helper_id=desk.helper("帮乙").id, left_on=TODAY, reason="调离",
        now=START,
    )  # fmt: skip
    session.execute(
        update(Enrolment)
        .where(Enrolment.household_id == made["former"])
        .values(ended_on=date(2026, 10, 1))
    )
    coverage.recount(session, now=START)
    return made


def told(session, scope=ALL, region=None):
    found = coverage.coverage(session, scope=scope, region=region)
    return {
        line.code: (line.in_aid, line.helped, line.unhelped, line.left)
        for line in (*found.lines, found.total)
        if line.in_aid
    }


def listed(session, town, scope=ALL, **asked):
    names = {household: name for name, household in town.items()}
    page = coverage.households(session, scope=scope, on=TODAY, **({"limit": 50} | asked))
    return [names[row.id] for row in page.items]


def test_each_level_tells_its_parts_and_their_sum(session, town):
    assert told(session) == {EAST: (4, 2, 2, 2), 210303000000: (1, 0, 1, 0), None: (5, 2, 3, 2)}
    assert told(session, region=str(EAST)) == {
        TOWNSHIP: (2, 1, 1, 1), 210302003000: (2, 1, 1, 1), None: (4, 2, 2, 2),
    }  # fmt: skip
    assert told(session, region=str(TOWNSHIP)) == {VILLAGE: (2, 1, 1, 1), None: (2, 1, 1, 1)}
    assert told(session, region=str(VILLAGE)) == {None: (2, 1, 1, 1)}
    with pytest.raises(RegionNotFound):
        told(session, region="999999999999")


def test_a_share_is_of_those_in_aid(session, town):
    found = coverage.coverage(session, scope=ALL)

    assert found.total.share == pytest.approx(2 / 5)
    assert next(line for line in found.lines if not line.in_aid).share is None


def test_what_is_placed_in_no_part_is_told_apart(session, cipher):
    factories.make_household(session, cipher, region=TOWNSHIP)
    coverage.recount(session, now=START)

    found = coverage.coverage(session, scope=ALL, region=str(TOWNSHIP))

    assert [line.in_aid for line in found.lines if line.code is None] == [1]
    assert found.total.in_aid == 1


def test_a_reader_has_the_own_regions_and_the_own_department(session, town):
    east, housing = Scope((subtree(EAST),), None), Scope((subtree(CITY),), "D04")

    assert told(session, east)[None] == (4, 2, 2, 2)
    assert told(session, east, region="210303000000") == {}
    assert told(session, housing)[None] == (2, 0, 2, 1)
    assert listed(session, town, housing) == ["left", "none"]
    assert listed(session, town, east, region="210303000000") == []


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (None, {"helped", "left", "both", "none", "west"}),
        (Covered.HELPED, {"helped", "both"}),
        (Covered.UNHELPED, {"left", "none", "west"}),
        (Covered.LEFT, {"left", "both"}),
    ],
)
def test_behind_each_number_is_a_list(session, town, state, names):
    assert set(listed(session, town, state=state)) == names
    assert set(listed(session, town, state=state, region=str(EAST))) == names - {"west"}


def test_a_page_goes_on_where_the_one_before_ended(session, town):
    seen, cursor = [], None
    while True:
        page = coverage.households(session, scope=ALL, on=TODAY, limit=2, cursor=cursor)
        seen += [row.id for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    everyone = coverage.households(session, scope=ALL, on=TODAY, limit=50).items
    assert seen == [row.id for row in everyone]
    assert len(seen) == 5
    of_both = next(row for row in everyone if row.id == town["both"])
    assert [(one.name, one.in_post) for one in of_both.helpers] == [("帮甲", True), ("帮乙", False)]


def test_a_count_writes_only_what_differs(session, town, desk):
    assert coverage.recount(session, now=START) == "0 counts changed, 0 gone"

    desk.give(town["west"])
    assert coverage.recount(session, now=START) == "2 counts changed, 0 gone"
    session.execute(
        update(Enrolment).where(Enrolment.household_id == town["west"]).values(ended_on=TODAY)
    )
    assert coverage.recount(session, now=START) == "0 counts changed, 2 gone"
    assert told(session)[None] == (4, 2, 2, 2)


def test_a_count_ends_what_is_assigned_to_a_household_that_is_no_more(session, town, desk):
    lost = desk.give(town["west"])
    desk.row(lost).household_id = new_id(START)
    session.flush()

    coverage.recount(session, now=START)

    row = desk.row(lost)
    assert (row.end_kind, row.days.upper) == (EndKind.HOUSEHOLD_GONE, TODAY)
    assert session.scalars(
        select(AuditEvent.subject_id).where(AuditEvent.action == "household:helper_ended")
    ).all() == [row.household_id]


def test_a_page_takes_as_many_statements_whatever_its_length(session, town):
    def sent(limit):
        found = []
        event.listen(
            session.connection(), "before_cursor_execute", lambda *given: found.append(given[2])
        )
        coverage.households(session, scope=ALL, on=TODAY, limit=limit)
        return len(found)

    assert sent(1) == 2
    assert sent(50) - 2 in {0, 2}  # the first listener hears the second page too
