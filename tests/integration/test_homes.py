"""Departments list one person in several households: a steward is asked, and says where."""

from datetime import date

import pytest
from sqlalchemy import select

from relief.audit.models import AccessGround
from relief.core.scope import Scope, subtree
from relief.registry.decisions import errors, past, queries
from relief.registry.models import Household, LinkReview, Membership, Person
from relief.registry.types import ActKind, ReviewKind, Verdict
from tests.support.deciding import WHOLE_CITY, Desk
from tests.support.happenings import assert_whole_changes_nothing
from tests.support.source import number

BORN, CHILD_BORN = date(1980, 3, 4), date(2015, 6, 7)
FATHER = {
    "name": "王建国",
    "number": number(BORN, 1),
    "household_number": "1",
    "relation": "02",
}
CHILD = {
    "name": "王小宝",
    "number": number(CHILD_BORN, 3),
    "household_number": "1",
    "relation": "20",
}
GRANDMOTHER = {
    "name": "李秀英",
    "number": number(BORN, 2),
    "household_number": "7",
    "relation": "02",
}
# Civil affairs list the child with the father, agriculture (D09) with the grandmother.
WITH_FATHER, WITH_GRANDMOTHER = "D01|1", "D09|7"


@pytest.fixture
def desk(session, cipher, steward):
    desk = Desk(session, cipher, steward.id)
    desk.send("S01", FATHER, CHILD)
    desk.file("S28", GRANDMOTHER, {**CHILD, "household_number": "7", "relation": "26"})
    return desk


def lives_with(session, name):
    home = select(Membership.household_id).join(Person).where(Person.name == name)
    return session.scalar(select(Household.householder_name).where(Household.id.in_(home)))


def open_kinds(session):
    return session.scalars(select(LinkReview.kind).where(LinkReview.closed_at.is_(None))).all()


def test_who_is_listed_in_two_households_is_a_question_with_a_proposed_answer(desk, session):
    review = desk.review()

    assert review.kind is ReviewKind.HOUSEHOLD
    assert [(one["claim"], one["followed"]) for one in review.evidence["options"]] == [
        (WITH_FATHER, True),
        (WITH_GRANDMOTHER, False),
    ]
    assert lives_with(session, "王小宝") == "王建国"


def test_the_choice_is_shown_as_each_department_lists_it(desk, session, cipher):
    detail = queries.review_detail(session, cipher, scope=WHOLE_CITY, review_id=desk.review().id)

    shown = [
        (home.people, [(one.household_number, [p.name for p in one.people]) for one in home.lists])
        for home in detail.homes
    ]
    assert shown == [
        (2, [("1", ["王建国", "王小宝"])]),
        (2, [("7", ["李秀英", "王小宝"])]),
    ]
    assert (detail.person, detail.other.name, detail.candidates) == (None, "王小宝", ())


def test_where_a_steward_says_there_someone_lives_whatever_comes(desk, session):
    act = desk.settle(WITH_GRANDMOTHER)

    assert (act.kind, act.verdict) == (ActKind.HOME, Verdict.LIVES)
    assert lives_with(session, "王小宝") == "李秀英"
    assert lives_with(session, "王建国") == "王建国"
    assert open_kinds(session) == []
    assert_whole_changes_nothing(desk)

    desk.file("S02", {**CHILD, "months": [10]})
    assert lives_with(session, "王小宝") == "李秀英"
    assert open_kinds(session) == []
    assert_whole_changes_nothing(desk)


def test_a_decision_is_moot_while_the_department_does_not_list_the_person(desk, session):
    lists = [GRANDMOTHER, {**CHILD, "household_number": "7", "relation": "26"}]
    desk.settle(WITH_GRANDMOTHER)

    desk.undo(desk.batch("S28"))

    assert lives_with(session, "王小宝") == "王建国"
    assert open_kinds(session) == []
    desk.file("S28", *lists)
    assert lives_with(session, "王小宝") == "李秀英"
    assert open_kinds(session) == []
    assert_whole_changes_nothing(desk)


def test_an_answer_is_taken_back(desk, session, cipher):
    act = desk.settle(WITH_GRANDMOTHER)

    desk.withdraw(act)

    assert lives_with(session, "王小宝") == "王建国"
    assert open_kinds(session) == [ReviewKind.HOUSEHOLD]
    assert_whole_changes_nothing(desk)
    [told] = past.about(session, scope=WHOLE_CITY, person_id=act.person_id)
    assert (told.kind, told.withdrawn_at is None) == (ActKind.HOME, False)


def test_after_an_answer_was_taken_back_another_can_be_given(desk, session):
    first = desk.settle(WITH_GRANDMOTHER)
    desk.withdraw(first)
    desk.settle(WITH_FATHER)

    assert lives_with(session, "王小宝") == "王建国"
    assert open_kinds(session) == []


def test_two_who_live_in_one_household_are_not_taken_for_one(desk, session):
    mother = {**GRANDMOTHER, "name": "张伟", "number": number(BORN, 4), "relation": "10"}
    desk.send("S01", {**mother, "household_number": "1"})
    desk.file("S28", mother)
    for review in session.scalars(select(LinkReview).where(LinkReview.closed_at.is_(None))).all():
        desk.settle(WITH_GRANDMOTHER, review=review)

    act = desk.unite(desk.person("李秀英"), desk.person("王建国"))

    assert act.verdict is Verdict.SAME
    assert_whole_changes_nothing(desk)


@pytest.mark.parametrize("claim", ["D01|2", "", "D09|1"])
def test_only_a_household_that_lists_the_person_can_be_chosen(desk, claim):
    with pytest.raises(errors.NoSuchHome):
        desk.settle(claim)


def test_a_question_is_answered_as_it_is_asked(desk, session):
    review = desk.review()
    with pytest.raises(errors.OtherQuestion):
        desk.answer(Verdict.SAME)
    desk.settle(WITH_FATHER)
    child = {"name": "王小红", "born_on": CHILD_BORN, "number": FATHER["number"]}
    desk.file("S18", child)
    other = desk.review()
    assert other.kind is not ReviewKind.HOUSEHOLD
    with pytest.raises(errors.OtherQuestion):
        desk.answer(Verdict.LIVES)
    with pytest.raises(errors.OtherQuestion):
        desk.settle(WITH_FATHER, review=other)
    with pytest.raises(errors.AlreadyDecided):
        desk.settle(WITH_FATHER, review=review, seen="x")


def test_what_changed_meanwhile_is_not_decided(desk, session):
    seen = desk.seen(desk.person("王小宝"))
    desk.file("S02", {**CHILD, "months": [10]})

    with pytest.raises(errors.ChangedMeanwhile):
        desk.settle(WITH_FATHER, seen=seen)


def test_of_people_elsewhere_a_steward_sees_and_decides_nothing(desk, session, cipher):
    elsewhere = Scope((subtree(210303000000),), None)

    with pytest.raises(errors.ReviewNotFound):
        desk.settle(WITH_FATHER, scope=elsewhere)


def test_the_dead_live_nowhere_else(desk, session):
    desk.file("S14", {**CHILD, "household_number": None, "died_on": date(2026, 9, 1)})

    assert open_kinds(session) == []


def test_a_moot_answer_hides_none_that_holds(desk, session):
    """D09 is answered, and stops; D04 is answered; D09 lists again, and then D04 stops."""
    again = [GRANDMOTHER, {**CHILD, "household_number": "7", "relation": "26"}]
    desk.settle(WITH_GRANDMOTHER)
    desk.undo(desk.batch("S28"))
    uncle = {"name": "王建军", "number": number(BORN, 5), "household_number": "88"}
    desk.file("S21", uncle, {**CHILD, "household_number": "88", "relation": "27"})
    desk.settle("D04|88")
    assert lives_with(session, "王小宝") == "王建军"

    desk.file("S28", *again)
    desk.undo(desk.batch("S21"))

    assert lives_with(session, "王小宝") == "李秀英"
    assert open_kinds(session) == []
    assert_whole_changes_nothing(desk)


def test_what_was_answered_is_told_when_the_question_is_closed(desk, session, cipher):
    review = desk.review()
    desk.settle(WITH_GRANDMOTHER)

    shown = queries.review_detail(session, cipher, scope=WHOLE_CITY, review_id=review.id)

    assert [(home.claim, home.followed, home.chosen) for home in shown.homes] == [
        (WITH_FATHER, False, False),
        (WITH_GRANDMOTHER, False, True),
    ]


def test_nobody_is_moved_among_people_out_of_reach(desk, session, cipher):
    west = {"region_code": 210303001001}
    uncle = {"name": "王建军", "number": number(BORN, 5), "household_number": "88", **west}
    desk.file("S21", uncle, {**CHILD, "household_number": "88", "relation": "27"})
    [review] = session.scalars(select(LinkReview).where(LinkReview.closed_at.is_(None))).all()
    east = Scope((subtree(210302000000),), None)

    with pytest.raises(errors.HomeOutOfReach):
        desk.settle("D04|88", review=review, scope=east)
    shown = queries.review_detail(session, cipher, scope=east, review_id=review.id)
    assert "options" not in shown.evidence
    assert desk.settle(WITH_FATHER, review=review, scope=east).verdict is Verdict.LIVES


def test_the_choice_does_not_name_whom_a_list_left_long_ago(desk, session, cipher):
    husband = {"name": "王德福", "number": number(BORN, 8), "household_number": "7"}
    desk.file("S28", {**husband, "records": [(date(2024, 3, 1), 100)]})

    detail = queries.review_detail(session, cipher, scope=WHOLE_CITY, review_id=desk.review().id)

    assert [[p.name for one in home.lists for p in one.people] for home in detail.homes] == [
        ["王建国", "王小宝"],
        ["李秀英", "王小宝"],
    ]


def test_the_ground_of_a_question_says_what_it_is_about(desk, session):
    grounds = session.scalars(
        select(AccessGround.purpose).where(AccessGround.reference == str(desk.review().id))
    ).all()

    assert set(grounds) == {"人工核对住在哪一户"}
