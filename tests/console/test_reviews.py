"""The steward's queue and taking decisions back, as a browser without scripts sees it."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.core.privacy.cipher import Cipher
from relief.registry.models import LinkDecision, LinkReview, Person
from relief.registry.types import Verdict
from tests import factories
from tests.console.conftest import Browser, Page
from tests.support.deciding import Desk
from tests.support.people import CITY, TIEDONG, TIEXI
from tests.support.people import Person as Staff
from tests.support.settings import FakeClock
from tests.support.source import number

Opened = Callable[[Staff | str], Browser]
BORN, CHILD_BORN = date(1980, 3, 4), date(2015, 6, 7)
FATHER = {"name": "王建国", "number": number(BORN, 1), "household_number": "1", "relation": "02"}
MOTHER = {"name": "李秀英", "number": number(BORN, 2), "household_number": "1", "relation": "10"}
CHILD = {"name": "王小宝", "born_on": CHILD_BORN, "number": FATHER["number"]}
_SEEN = re.compile(r'name="seen" value="([0-9a-f]+)"')
_OTHER_SEEN = re.compile(r'name="other_seen" value="([0-9a-f]+)"')


@pytest.fixture
def desk(session: Session, cipher: Cipher, steward: Staff, clock: FakeClock) -> Desk:
    """A question whether a child with the father's number is the father, and one of namesakes."""
    desk = Desk(session, cipher, steward.id)
    desk.moment -= timedelta(hours=1)  # before anyone looks at it
    desk.send("S01", FATHER, MOTHER)
    desk.send("S02", *({"name": "张伟", "number": number(BORN, serial)} for serial in (11, 13)))
    desk.send("S16", {"name": "张伟", "born_on": BORN})
    desk.file("S18", CHILD)
    session.commit()
    return desk


def review_of(session: Session, kind: str) -> LinkReview:
    return session.scalars(
        select(LinkReview).where(LinkReview.kind == kind),
        execution_options={"populate_existing": True},
    ).one()


def answer(browser: Browser, page: Page, review: LinkReview, **form: str) -> Page:
    found = _SEEN.search(page.html)
    seen = found[1] if found else "none"
    sent = {"once": page.once if found else "", "seen": seen, "reason": "papers"} | form
    return browser.post(f"/link-reviews/{review.id}/decision", sent)


def test_both_are_shown_side_by_side_and_each_look_is_recorded(desk, session, steward, opened):
    review = review_of(session, "number_shared")

    page = opened(steward).get(f"/link-reviews/{review.id}")

    for word in ("是否同一人", "王建国", "王小宝", "库中的人", "另列的记录", "不同", "同一人 S"):
        assert word in page.text.replace("\n", " ")
    assert FATHER["number"] not in page.html
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    looks = session.scalars(select(AuditEvent).where(AuditEvent.action == "person:viewed")).all()
    assert {look.subject_id for look in looks} == {review.person_id, review.other_id}
    assert looks[0].details["review"] == str(review.id)


def test_after_an_answer_the_next_question_opens(desk, session, steward, opened):
    browser, review = opened(steward), review_of(session, "number_shared")
    following = review_of(session, "ambiguous_fallback")
    page = browser.get(f"/link-reviews/{review.id}")

    done = answer(browser, page, review, verdict="different", remark="父子")

    assert done.response.headers["Location"] == f"/link-reviews/{following.id}"
    page = browser.follow(done)
    assert "已核定为不同人。" in page.text
    assert "您上一项核定" in page.text
    [row] = session.scalars(select(LinkDecision)).all()
    assert (row.verdict, row.reason) == (Verdict.DIFFERENT, "已核对户口簿或身份证：父子")


def test_an_answer_sent_twice_is_one(desk, session, steward, opened):
    browser, review = opened(steward), review_of(session, "number_shared")
    page = browser.get(f"/link-reviews/{review.id}")

    for _ in range(2):
        assert answer(browser, page, review, verdict="same").status == 303

    assert len(session.scalars(select(LinkDecision)).all()) == 1


def test_the_second_of_two_stewards_reads_who_decided(desk, session, cipher, steward, opened):
    factories.make_account(
        session, Role.STEWARD, department="D01", region=CITY, username="second-steward"
    )
    session.commit()
    review = review_of(session, "number_shared")
    first, second = opened(steward), opened("second-steward")
    pages = [browser.get(f"/link-reviews/{review.id}") for browser in (first, second)]
    answer(first, pages[0], review, verdict="same")

    late = answer(second, pages[1], review, verdict="different")

    assert late.status == 409
    assert "Steward于2026-11-23" in late.text
    assert "核对为同一人" in late.text
    assert "已由Steward于" in late.text


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({"verdict": ""}, "请选择是同一人还是不同人。"),
        ({"verdict": "same", "reason": "", "remark": "好"}, "请写明理由，至少 4 个字"),
    ],
)
def test_what_is_missing_is_said(desk, session, steward, opened, form, fault):
    browser, review = opened(steward), review_of(session, "number_shared")
    page = browser.get(f"/link-reviews/{review.id}")

    page = answer(browser, page, review, **form)

    assert (page.status, fault in page.text) == (422, True)
    assert session.scalars(select(LinkDecision)).all() == []


def test_of_several_candidates_one_is_chosen(desk, session, steward, opened):
    browser, review = opened(steward), review_of(session, "ambiguous_fallback")
    page = browser.get(f"/link-reviews/{review.id}")
    assert "如为同一人，是其中哪一位" in page.text
    candidate = session.scalars(
        select(Person.id).where(Person.name == "张伟", Person.citizen_id.is_not(None))
    ).first()

    assert answer(browser, page, review, verdict="same", candidate="x").status == 422
    done = answer(browser, page, review, verdict="same", candidate=str(candidate))

    assert done.status == 303
    assert session.scalars(select(LinkDecision.person_id)).all() == [candidate]


def test_the_last_answer_is_taken_back_from_the_page_of_the_next(desk, session, steward, opened):
    browser, review = opened(steward), review_of(session, "number_shared")
    page = browser.get(f"/link-reviews/{review.id}")
    page = browser.follow(answer(browser, page, review, verdict="same"))
    act = session.scalars(select(LinkDecision.act_id)).one()

    back = browser.post(
        f"/link-acts/{act}/withdraw",
        {"reason": "核定有误，本人撤回", "back": f"review:{review.id}"},
    )

    assert back.response.headers["Location"] == f"/link-reviews/{review.id}"
    assert "已撤销这项核定" in browser.follow(back).text
    again = browser.post(f"/link-acts/{act}/withdraw", {"reason": "核定有误，本人撤回"})
    assert "没有撤销。这项核定已经撤销" in browser.follow(again).text


def test_the_queue_is_narrowed_by_kind_and_county(desk, session, steward, opened):
    browser, review = opened(steward), review_of(session, "number_shared")
    other = review_of(session, "ambiguous_fallback")

    for query, shown in (
        ("?kind=number_shared", {review.id}),
        (f"?region={TIEDONG}", {review.id, other.id}),
        (f"?region={TIEXI}", set()),
        ("?region=Z1", {review.id, other.id}),
        ("?closed=1", set()),
    ):
        page = browser.get(f"/link-reviews{query}")
        assert {each.id for each in (review, other) if str(each.id) in page.html} == shown
    assert browser.get("/link-reviews?kind=nonsense").status == 400
    page = browser.get(f"/link-reviews/{review.id}?kind=number_shared")
    done = browser.post(
        f"/link-reviews/{review.id}/decision?kind=number_shared",
        {"seen": _SEEN.search(page.html)[1], "verdict": "different", "reason": "papers"},
    )
    assert done.response.headers["Location"] == "/link-reviews?kind=number_shared"


def test_a_steward_of_one_county_does_not_decide_about_another(desk, session, opened):
    factories.make_account(
        session, Role.STEWARD, department="D01", region=TIEXI, username="west-steward"
    )
    review = review_of(session, "number_shared")
    session.execute(
        update(LinkReview).where(LinkReview.id == review.id).values(region_code=int(TIEXI))
    )
    session.commit()
    browser = opened("west-steward")

    page = browser.get(f"/link-reviews/{review.id}")

    assert "其中一人不在您的工作区划内，请交由市级数据管理员核定。" in page.text
    assert "王建国" not in page.html
    assert answer(browser, page, review, verdict="same").status == 403


def test_an_auditor_reads_and_decides_nothing(desk, session, auditor, opened):
    page = opened(auditor).get(f"/link-reviews/{review_of(session, 'number_shared').id}")

    assert "王建国" in page.text
    assert "data-decide" not in page.html


def test_evidence_with_weights_is_told_line_by_line(desk, session, steward, opened):
    review = review_of(session, "number_shared")
    session.execute(
        update(LinkReview)
        .where(LinkReview.id == review.id)
        .values(
            evidence={
                "weight": 12.34,
                "comparisons": [
                    {"column": "name", "label": "姓名读音相同", "weight": 3.1},
                    {"column": "born_on", "weight": -2.0},
                    {"label": "住址未登记", "weight": None},
                ],
            }
        )
    )
    session.commit()

    page = opened(steward).get(f"/link-reviews/{review.id}")

    for word in ("合计 +12.3", "姓名读音相同", "+3.1", "born_on", "-2.0", "住址未登记"):
        assert word in page.text


def test_records_are_split_off_by_hand(desk, session, steward, opened):
    desk.file("S09", FATHER | {"name": "王建园"})
    session.commit()
    father = desk.of("S01", "王建国")
    [wrong] = desk.identities(father, lambda said: said.name == "王建园")
    browser = opened(steward)
    assert "拆分" in browser.get(f"/persons/{father}").text
    page = browser.get(f"/persons/{father}/split")
    assert "王建园" in page.text
    sent = {"once": page.once, "seen": _SEEN.search(page.html)[1], "identity": str(wrong)}

    assert (
        "请选择要分出的记录"
        in browser.post(
            f"/persons/{father}/split", sent | {"identity": "x", "reason": "papers"}
        ).text
    )
    assert "请写明理由" in browser.post(f"/persons/{father}/split", sent).text
    stale = browser.post(f"/persons/{father}/split", sent | {"seen": "x", "reason": "papers"})
    assert (stale.status, "刚刚有变化" in stale.text) == (409, True)
    done = browser.post(f"/persons/{father}/split", sent | {"once": "", "reason": "papers"})

    page = browser.follow(done)
    assert "已拆分" in page.text
    assert "核定记录" in page.text
    assert desk.of("S09", "王建园") != father
    act = session.scalars(select(LinkDecision.act_id)).first()
    back = browser.post(
        f"/link-acts/{act}/withdraw", {"reason": "核对有误，撤回", "back": f"person:{father}"}
    )
    assert back.response.headers["Location"] == f"/persons/{father}"
    assert desk.of("S09", "王建园") == father


def test_two_people_are_put_together_by_hand(desk, session, steward, opened):
    father, mother = desk.person("王建国"), desk.person("李秀英")
    browser = opened(steward)
    page = browser.get(f"/persons/{father}/merge")
    assert f"/persons/{father}/merge/{mother}" in page.links  # of the same household
    page = browser.get(f"/persons/{father}/merge/{mother}")
    for word in ("保留的人", "并入的人", "王建国", "李秀英"):
        assert word in page.text
    sent = {
        "once": page.once,
        "seen": _SEEN.search(page.html)[1],
        "other_seen": _OTHER_SEEN.search(page.html)[1],
    }
    address = f"/persons/{father}/merge/{mother}"

    assert "请写明理由" in browser.post(address, sent).text
    assert browser.post(address, sent | {"other_seen": "x", "reason": "papers"}).status == 409
    done = browser.post(address, sent | {"once": "", "reason": "papers"})

    assert "已合并为同一人。" in browser.follow(done).text
    assert "合并：同一人" in browser.get("/link-acts").text
    assert browser.get(f"/persons/{mother}").status == 404


def test_there_may_be_nobody_to_put_together_with(session, cipher, steward, opened, clock):
    home = factories.make_household(session, cipher)
    session.commit()

    page = opened(steward).get(f"/persons/{home.person_id}/merge")

    assert "没有找到可能是同一人的记录。" in page.text
    assert "还没有核定过。" in opened(steward).get("/link-acts").text
