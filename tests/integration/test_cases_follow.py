"""Cases and entitlements, when who is who changes, and when a file is taken back."""

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range

from relief.core.ids import new_id
from relief.core.scope import Scope, subtree
from relief.funds.models import Entitlement
from relief.registry.dependants import Homes, Move
from relief.registry.errors import RestsOnIt, Undecided
from relief.registry.types import Verdict
from relief.review import service
from relief.review.checks.acts import Signed
from relief.review.checks.models import CaseAuthorisation
from relief.review.dependants import Cases
from relief.review.models import Case
from relief.review.types import CaseStatus
from tests.factories import actor_of, make_account
from tests.support.deciding import Desk
from tests.support.settings import START
from tests.support.source import number

FATHER = {"name": "王建国", "number": number(date(1980, 3, 4), 1)}
CHILD = {"name": "王小宝", "born_on": date(2015, 6, 7), "number": FATHER["number"]}


@pytest.fixture
def desk(session, cipher, steward):
    return Desk(session, cipher, steward.id)


@pytest.fixture
def clerk(session):
    return actor_of(make_account(session, None, department="D01"))


@pytest.fixture
def apply(session, desk, clerk):
    def enter(name, scheme="S01"):
        person = desk.person(name)
        return service.submit(
            session, actor=clerk, person_id=person, scheme_code=scheme, need="家庭困难", now=START,
            authorisations=[Signed(person_id=person, signed_on=START.date())],
        )  # fmt: skip

    return enter


def whose(session, model=Case):
    session.expire_all()
    return session.scalars(select(model.person_id)).all()


def entitle(session, person, identity, decision, scheme="S09"):
    session.add(
        Entitlement(
            id=decision, decision_id=decision, person_id=person, identity_id=identity,
            scheme_code=scheme, county_code=210302, region_code=210302002001,
            department_code="D01", amount_fen=9000, opened_at=START,
            period=Range(date(2026, 11, 1), None),
        )
    )  # fmt: skip
    session.flush()


def test_a_case_goes_where_the_source_record_goes(session, desk, apply):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    apply("王小宝")
    father, child = desk.person("王建国"), desk.person("王小宝")
    assert whose(session) == [child]

    act = desk.answer(Verdict.SAME)
    assert whose(session) == [father]

    desk.withdraw(act)
    assert whose(session) == [desk.person("王小宝")]


def test_two_who_ask_for_the_same_are_not_made_one(session, desk, apply):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    apply("王小宝")
    apply("王建国")

    with pytest.raises(Undecided, match="两人有同一项目的申请事项"), session.begin_nested():
        desk.answer(Verdict.SAME)


def test_nor_two_who_are_entitled_to_the_same(session, desk, cipher):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    for name in ("王建国", "王小宝"):
        person = desk.person(name)
        [record] = desk.identities(person, lambda _: True)
        entitle(session, person, record, record)

    with pytest.raises(Undecided, match="两人有同一项目的待遇"), session.begin_nested():
        desk.answer(Verdict.SAME)


def test_an_entitlement_goes_where_the_source_record_goes(session, desk):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    child = desk.person("王小宝")
    [record] = desk.identities(child, lambda _: True)
    entitle(session, child, record, record)

    desk.answer(Verdict.SAME)

    assert whose(session, Entitlement) == [desk.person("王建国")]


def test_a_file_is_not_taken_back_from_under_a_case(session, desk, apply):
    batch = desk.file("S01", FATHER)
    case = apply("王建国")

    with pytest.raises(RestsOnIt, match="正在办理") as refused:
        desk.undo(batch)
    assert refused.value.conflicts[0]["id"] == str(case)

    session.execute(update(Case).values(status=CaseStatus.WITHDRAWN))
    desk.undo(batch)


def test_a_case_that_is_over_goes_to_who_returns_with_the_file(session, desk, apply):
    batch = desk.file("S01", FATHER)
    apply("王建国")
    session.execute(update(Case).values(status=CaseStatus.WITHDRAWN))
    before = desk.person("王建国")
    desk.undo(batch)
    assert whose(session) == [before]

    desk.file("S01", FATHER)

    after = desk.person("王建国")
    assert after != before
    assert (whose(session), whose(session, CaseAuthorisation)) == ([after], [after])


def test_whom_another_file_names_too_loses_nothing_with_this_one(session, desk, apply):
    first = desk.file("S01", FATHER)
    desk.file("S01", FATHER | {"months": [9]})
    apply("王建国")

    desk.undo(first)

    assert whose(session) == [desk.person("王建国")]


def test_an_authorisation_goes_where_the_source_record_goes(session, desk, apply):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    apply("王小宝")
    child = desk.person("王小宝")
    assert whose(session, CaseAuthorisation) == [child]

    desk.answer(Verdict.SAME)

    assert whose(session, CaseAuthorisation) == [desk.person("王建国")]


def test_the_region_of_a_person_is_that_of_the_case(session, desk, apply, clerk):
    desk.file("S01", FATHER)

    case = session.get_one(Case, apply("王建国"))

    assert clerk.scope == Scope((subtree(210300000000),), None)
    assert clerk.scope.covers(case.region_code)


def test_however_many_records_move_three_queries_find_all(session, assert_queries):
    moves = [Move(new_id(START), new_id(START), new_id(START)) for _ in range(70_000)]

    with assert_queries(3):
        left = Cases().follow(session, moves=moves, gone={}, homes=Homes(), now=START)

    assert left == []
