"""What is read before a decision and after it, within the reader's scope."""

from datetime import date

import pytest
from sqlalchemy import select

from relief.core.ids import new_id
from relief.core.scope import Scope, subtree
from relief.registry.decisions import errors, past, queries, service
from relief.registry.models import LinkReview
from relief.registry.types import ReviewKind, Verdict
from tests.support.deciding import REASON, WHOLE_CITY, Desk
from tests.support.settings import START
from tests.support.source import number

BORN = date(1980, 3, 4)
FATHER = {"name": "王建国", "number": number(BORN, 1)}
MOTHER = {"name": "李秀英", "number": number(BORN, 2)}
CHILD = {"name": "王小宝", "born_on": date(2015, 6, 7), "number": FATHER["number"]}


@pytest.fixture
def desk(session, cipher, steward):
    return Desk(session, cipher, steward.id)


def test_what_is_not_there_or_out_of_scope_is_not_found(session, desk):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    review, act = desk.review().id, desk.answer(Verdict.SAME)
    west = Scope((subtree(210303000000),), None)
    housing = Scope(WHOLE_CITY.ranges, "D04")

    for scope in (west, housing):
        with pytest.raises(errors.ReviewNotFound):
            queries.get_review(session, scope, review)
        with pytest.raises(errors.ActNotFound):
            service.withdraw(
                session,
                cipher=desk.cipher,
                scope=scope,
                act_id=act.id,
                reason=REASON,
                actor_id=desk.steward,
                now=desk.later(),
            )
        assert past.listed(session, scope=scope, limit=5).items == []
        assert queries.next_review(session, scope=scope) is None
    with pytest.raises(errors.ReviewNotFound):
        queries.get_review(session, WHOLE_CITY, new_id(START))


def test_the_next_question_is_the_one_before_or_the_newest_again(session, desk):
    desk.send("S01", FATHER, MOTHER)
    desk.file("S18", CHILD, {**CHILD, "name": "李小宝", "number": MOTHER["number"]})
    newest, oldest = session.scalars(select(LinkReview.id).order_by(LinkReview.id.desc())).all()

    def following(after=None, **more):
        return queries.next_review(session, scope=WHOLE_CITY, after=after, **more)

    assert (following(), following(newest), following(oldest)) == (newest, oldest, newest)
    assert following(newest, region=subtree(210303000000)) is None
    assert following(newest, kind=ReviewKind.AMBIGUOUS_FALLBACK) is None


def test_lists_take_a_fixed_number_of_queries(session, desk, assert_queries):
    desk.send("S01", FATHER, MOTHER)
    desk.file("S18", CHILD, {**CHILD, "name": "李小宝", "number": MOTHER["number"]})
    act = desk.unite(desk.person("王建国"), desk.person("李秀英"))
    session.expire_all()

    with assert_queries(3):
        queries.descriptions(session, scope=WHOLE_CITY, person_id=act.person_id)
    with assert_queries(1):
        past.listed(session, scope=WHOLE_CITY, limit=5)
    with assert_queries(1):
        past.about(session, scope=WHOLE_CITY, person_id=act.person_id)
