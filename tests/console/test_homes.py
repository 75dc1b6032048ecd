"""Where someone lives whom departments list apart, as a browser without scripts shows it."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.audit.models import AuditEvent
from relief.core.privacy.cipher import Cipher
from relief.registry.models import Household, LinkReview, Membership, Person
from tests.console.conftest import Browser
from tests.support.deciding import Desk
from tests.support.people import Person as Staff
from tests.support.settings import FakeClock
from tests.support.source import number

Opened = Callable[[Staff | str], Browser]
BORN, CHILD_BORN = date(1980, 3, 4), date(2015, 6, 7)
FATHER = {"name": "王建国", "number": number(BORN, 1), "household_number": "1", "relation": "02"}
CHILD = {"name": "王小宝", "number": number(CHILD_BORN, 3), "household_number": "1"}
GRANDMOTHER = {"name": "李秀英", "number": number(BORN, 2), "household_number": "7"}
_SEEN = re.compile(r'name="seen" value="([0-9a-f]+)"')


@pytest.fixture
def review(session: Session, cipher: Cipher, steward: Staff, clock: FakeClock) -> LinkReview:
    """Civil affairs list the child with the father, agriculture with the grandmother."""
    desk = Desk(session, cipher, steward.id)
    desk.moment -= timedelta(hours=1)
    desk.send("S01", FATHER, {**CHILD, "relation": "20"})
    desk.file("S28", GRANDMOTHER, {**CHILD, "household_number": "7", "relation": "26"})
    session.commit()
    return desk.review()


def home_of_the_child(session: Session) -> str | None:
    home = select(Membership.household_id).join(Person).where(Person.name == "王小宝")
    return session.scalar(select(Household.householder_name).where(Household.id.in_(home)))


def send(browser: Browser, review: LinkReview, **form: str):
    page = browser.get(f"/link-reviews/{review.id}")
    found = _SEEN.search(page.html)
    sent = {"once": page.once if found else "", "seen": found[1] if found else "none"}
    return browser.post(f"/link-reviews/{review.id}/home", sent | {"reason": "papers"} | form)


def test_the_page_shows_each_departments_list_and_what_is_followed(
    review, session, steward, opened
):
    page = opened(steward).get(f"/link-reviews/{review.id}")

    for word in (
        "王小宝 住在哪一户",
        "系统目前采用",
        "）户编号 1：",
        "最低生活保障",
        "李秀英",
        "王建国（户主）",
    ):
        assert word in page.text.replace("\n", " ")
    assert CHILD["number"] not in page.html
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    looks = session.scalars(select(AuditEvent).where(AuditEvent.action == "person:viewed")).all()
    assert len({look.subject_id for look in looks}) == 3


def test_the_queue_names_the_question(review, steward, opened):
    page = opened(steward).get("/link-reviews?kind=household")

    for word in ("被列入不同的户", "王小宝"):
        assert word in page.text


def test_an_answer_moves_the_person_and_is_taken_back(review, session, steward, opened):
    browser = opened(steward)

    done = send(browser, review, claim="D09|7")

    assert done.status == 303
    assert home_of_the_child(session) == "李秀英"
    shown = browser.get(f"/link-reviews/{review.id}")
    assert "核定为居住户" in shown.text
    assert "居住户核对：居住户" in browser.get("/link-acts").text
    act = re.search(r"/link-acts/([0-9a-f-]+)/withdraw", browser.get("/link-acts").html)
    browser.post(f"/link-acts/{act[1]}/withdraw", {"reason": "核定有误，撤回"})
    assert home_of_the_child(session) == "王建国"


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"claim": ""}, "请从列出的户中选择一户"),
        ({"claim": "D01|99"}, "请从列出的户中选择一户"),
        ({"claim": "D09|7", "reason": "", "remark": ""}, "理由"),
    ],
)
def test_what_is_missing_is_said_beside_the_field(review, session, steward, opened, form, says):
    answer = send(opened(steward), review, **form)

    assert (answer.status, says in answer.text) == (422, True)
    assert home_of_the_child(session) == "王建国"


def test_the_second_of_two_stewards_reads_who_was_first(review, steward, opened):
    browser = opened(steward)
    send(browser, review, claim="D09|7")

    late = browser.post(
        f"/link-reviews/{review.id}/home",
        {"once": "", "seen": "x", "claim": "D01|1", "reason": "papers"},
    )

    assert late.status == 409
    assert "Steward于" in late.text


def test_over_http_the_question_is_answered_too(review, session, signed_in, steward):
    api = signed_in(steward)
    found = api.get(f"/v1/link-reviews/{review.id}").json
    assert [home["followed"] for home in found["homes"]] == [True, False]
    sent = {"claim": found["homes"][1]["claim"], "seen": found["seen"], "reason": "与户口簿核对过"}

    done = api.post(f"/v1/link-reviews/{review.id}/home", json=sent)

    assert (done.status_code, done.json["kind"]) == (200, "home")
    assert home_of_the_child(session) == "李秀英"


def test_the_household_page_leads_to_the_departments_lists(review, session, steward, opened):
    home = session.scalar(select(Household.id).where(Household.householder_name == "李秀英"))
    browser = opened(steward)

    assert f"/households/{home}/lists" in browser.get(f"/households/{home}").html
    page = browser.get(f"/households/{home}/lists")

    for word in ("农业农村局", "王小宝", "现列在户编号"):
        assert word in page.text
