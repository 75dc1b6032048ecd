"""Lists of decisions on the pages: drawn, looked at, signed, stopped, and reported case by case."""

import pytest

from relief.console import paging
from relief.tasks import worker
from relief.wiring import worker_of
from tests.console.test_cases import desk, send  # noqa: F401  # a fixture
from tests.support.drafting import TODAY, publish, with_limit

OFFICES = ("D01", "D05", "D13")  # of the joint review of S09
FORM = {"scheme": "S09", "amount": "90", "reason": "符合条件"}


@pytest.fixture
def approver(desk):  # noqa: F811  # the fixture
    return lambda: desk("D01", "approver")


@pytest.fixture
def case(office):
    """A case that waits for the decision."""
    made = office.apply("S09", office.household(name="王小明"))["case"]
    office.certify(made["id"])
    office.go_on(made["id"])
    return made


def draw(browser, **form):
    page = browser.get("/decision-lists/new")
    assert page.labelled >= set(page.fields)
    done = browser.post("/decision-lists", FORM | {"once": page.once} | form)
    assert done.status == 303, done.text
    return done.response.location


def test_a_list_is_drawn_looked_at_and_signed(office, approver, case):
    browser = approver()
    assert "您还没有生成过清单" in browser.get("/decision-lists").text
    where = draw(browser)

    looked = browser.get(where)
    for words in ("已生成清单，还没有作出任何决定", "待签署", "王小明", "90.00", "2026-11-01 起",
                  "我已查看，签署这 1 件", "摘要（SHA-256）"):  # fmt: skip
        assert words in looked.text
    assert f'href="/cases/{case["id"]}"' in looked.html
    digest = looked.html.split('name="digest" value="')[1].split('"')[0]
    assert send(browser, where, f"{where}/sign", digest=digest).status == 303
    signed = browser.get(where)
    assert "办理中" in signed.text
    assert 'hx-trigger="every 3s"' in signed.html
    assert worker.run_one(worker_of(office.app))

    done = browser.get(where)
    assert "已同意救助 1 件，未作决定 0 件" in done.text
    assert 'hx-trigger="every 3s"' not in done.html
    assert "已办完" in browser.get("/decision-lists").text
    assert "同意救助（签署的审批清单）" in browser.get(f"/cases/{case['id']}").text


def test_why_a_case_is_not_on_it_is_told(office, approver, case):
    asked = office.client("D01", "approver").post(
        f"/v1/cases/{case['id']}/pause", json={"missing": "残疾人证"}
    )
    assert asked.status_code == 200
    browser = approver()
    where = draw(browser)

    page = browser.get(where)

    assert "未列入 1 件" in page.text
    assert "正在等待补充材料" in page.text
    assert "签署这" not in page.text
    assert "王小明" in browser.get(f"{where}?status=left_out").text
    assert "没有这样的申请" in browser.get(f"{where}?status=decided").text
    assert browser.get(f"{where}?status=strange").status == 400


def test_a_case_is_taken_off_before_signing(approver, case):
    browser = approver()
    where = draw(browser)

    done = send(browser, where, f"{where}/cases/{case['id']}/take-off")

    assert done.status == 303
    page = browser.get(where)
    assert "已由您移出清单，须逐件办理" in page.text
    assert "签署这" not in page.text


def test_the_work_is_stopped_and_goes_on(office, approver, case):
    browser = approver()
    where = draw(browser)
    digest = browser.get(where).html.split('name="digest" value="')[1].split('"')[0]
    wrong = send(browser, where, f"{where}/sign", digest="0" * 64)
    assert (wrong.status, "请重新查看清单后再签署" in wrong.text) == (409, True)
    send(browser, where, f"{where}/sign", digest=digest)

    assert send(browser, where, f"{where}/stop").status == 303
    worker.run_one(worker_of(office.app))
    assert "由签署人停止" in browser.get(where).text
    assert send(browser, where, f"{where}/resume").status == 303
    worker.run_one(worker_of(office.app))

    assert "已办完" in browser.get(where).text


def test_who_has_not_proved_who_they_are_is_asked_before_signing(office, approver, case):
    browser = approver()
    where = draw(browser)
    office.clock.advance(minutes=6)

    page = browser.get(where)

    assert "验证身份后签署" in page.text
    assert f"/me/confirm?next={where}" in page.html.replace("%2F", "/")


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"scheme": ""}, 422, "请选择救助项目"),
        ({"amount": "很多"}, 422, "请写明金额"),
        ({"amount": "1"}, 422, "90.00 至 300.00 元"),
        ({"reason": ""}, 422, "请写明理由"),
        ({"scheme": "S10"}, 409, "没有等待您审批的这类申请"),
    ],
)
def test_what_is_wrong_is_told_above_what_was_filled_in(approver, case, form, status, said):
    browser = approver()
    page = browser.get("/decision-lists/new")

    answer = browser.post("/decision-lists", FORM | {"once": page.once} | form)

    assert answer.status == status
    assert said in answer.text
    assert "当前位置" in answer.html


def test_only_schemes_that_are_decided_by_list_are_offered(approver):
    offered = approver().get("/decision-lists/new").text

    assert "困难残疾人生活补贴" in offered
    assert "最低生活保障" not in offered


def test_a_scheme_is_offered_to_whom_the_version_in_force_lets_confirm(session, desk):  # noqa: F811
    before = {code: desk(code, "approver").get("/decision-lists/new").text for code in OFFICES}
    confirmed = with_limit("CONFIRM", 5, owner="county_cl")
    publish(session, "W_CJ2", change=confirmed, valid_from=TODAY)
    session.commit()
    after = {code: desk(code, "approver").get("/decision-lists/new").text for code in OFFICES}

    name = "困难残疾人生活补贴"
    assert [code for code in OFFICES if name in before[code]] == ["D01"]
    assert [code for code in OFFICES if name in after[code]] == ["D13"]


def test_what_began_under_the_version_before_waits_for_its_office(session, approver, case):
    confirmed = with_limit("CONFIRM", 5, owner="county_cl")
    publish(session, "W_CJ2", change=confirmed, valid_from=TODAY)
    session.commit()

    assert "困难残疾人生活补贴" in approver().get("/decision-lists/new").text


def test_a_refused_act_links_to_no_page_that_cannot_be_opened(office, approver, case, monkeypatch):
    other = office.apply("S09")["case"]["id"]
    office.certify(other)
    office.go_on(other)
    monkeypatch.setattr(paging, "PAGE_SIZE", 1)
    browser = approver()
    where = draw(browser)
    assert any(link.startswith(f"{where}?cursor=") for link in browser.get(where).links)

    refused = send(browser, where, f"{where}/sign", digest="0" * 64)

    assert refused.status == 409
    assert not [link for link in refused.links if "/sign" in link]
    assert case
