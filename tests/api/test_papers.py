"""What people are given in writing, and whether a paper is ours."""

import hashlib
import json
import re

import pytest
from sqlalchemy import select

from relief.audit.models import AuditEvent
from relief.review.papers import drawing
from relief.review.papers.models import CasePaper
from tests.api.test_changes import CARRY, REDUCE, STOP, done, granted, heard, post

MISSING = "收入证明\n\n户口簿（全部家庭成员）"


@pytest.fixture
def case(office):
    return office.apply("S03")["case"]


def words_of(session, kind):
    return session.scalars(select(CasePaper).where(CasePaper.kind == kind)).one().words


def said(words):
    return "".join([*(part for fact in words["facts"] for part in fact), *words["paragraphs"]])


def accepted(office, case, stage="REGISTER"):
    done = office.client("D01", "clerk").post(
        f"/v1/cases/{case['id']}/stages/{stage}/end", json={"outcome": "passed"}
    )
    assert done.status_code == 200, done.json
    return done.json


def test_who_is_accepted_gets_a_slip_that_names_the_last_day(office, session, case):
    [paper] = accepted(office, case)["papers"]

    words = words_of(session, "acceptance")
    assert (paper["kind"], paper["number"]) == ("acceptance", f"{case['number']}S")
    assert words["issuer"] == "铁东区民政局"
    facts = dict(words["facts"])
    assert facts["申请人"] == case["applicant_name"]
    assert facts["受理编号"] == case["number"]
    due = office.show(case["id"])["case"]["due_on"]
    year, month, day = (int(part) for part in due.split("-"))
    assert facts["最迟办结"].startswith(f"{year}年{month}月{day}日")


def test_a_last_day_of_a_year_without_holidays_yet_says_so(office, session):
    case = office.apply("S01")["case"]

    done = accepted(office, case, "ACCEPT")

    assert done["case"]["due_provisional"] is True
    assert (
        "（暂定，当年放假安排公布后可能调整）"
        in dict(words_of(session, "acceptance")["facts"])["最迟办结"]
    )


def test_what_is_missing_is_listed_line_by_line(office, session, case):
    back = office.client("D01", "clerk").post(
        f"/v1/cases/{case['id']}/return", json={"missing": MISSING}
    )

    assert [one["kind"] for one in back.json["papers"]] == ["missing"]
    paragraphs = words_of(session, "missing")["paragraphs"]
    assert paragraphs[1:3] == ["收入证明", "户口簿（全部家庭成员）"]


@pytest.mark.parametrize(
    ("granted", "stands", "not_there"),
    [
        (True, ("同意救助", "564.50 元（每件）", "起始日期"), "不予救助"),
        (False, ("不予救助",), "起始日期"),
    ],
)
def test_a_decision_gives_reason_law_and_the_way_to_contest_it(
    office, session, granted, stands, not_there
):
    case = office.apply("S03")["case"]["id"]
    office.go_on(case)

    done = office.decide(case, "D01", granted=granted, **({"amount_fen": 56450} if granted else {}))

    assert "decision" in [one["kind"] for one in done.json["papers"]]
    text = said(words_of(session, "decision"))
    for part in (*stands, "理由：", "依据：", "60 日内向铁东区人民政府申请行政复议", "6 个月内"):
        assert part in text
    assert not_there not in text


def test_less_is_announced_and_then_decided_in_writing(office, session):
    case = granted(office, "S07")
    for amount in (30_000, 20_000):
        heard(office, case, REDUCE | {"amount_fen": amount}, views="工作不稳定，请求保留")
        detail = done(post(office, case, "/decision", CARRY, "approver"))
        office.clock.advance(days=40)

    papers = {(one["kind"], one["number"][-2:]) for one in detail["papers"]}
    assert papers >= {("hearing", "1T"), ("change", "1G"), ("hearing", "T2"), ("change", "G2")}
    first, second = session.scalars(
        select(CasePaper.words).where(CasePaper.kind == "hearing").order_by(CasePaper.issued_at)
    )
    assert dict(first["facts"])["减发后的金额"] == "300.00 元"
    assert "5 个工作日内提出意见" in said(second)
    text = said(
        session.scalars(
            select(CasePaper.words).where(CasePaper.kind == "change").order_by(CasePaper.issued_at)
        ).first()
    )
    for part in ("减发", "300.00 元", "起始日期", "听取意见：工作不稳定，请求保留", "行政复议"):
        assert part in text


def test_what_nobody_need_be_heard_on_says_so(office, session):
    case = granted(office, "S07")
    done(post(office, case, "", STOP | {"excuse": "own_wish", "excuse_proof": "本人书面申请"}))

    detail = done(post(office, case, "/decision", CARRY, "approver"))

    assert "hearing" not in [one["kind"] for one in detail["papers"]]
    assert "依法不需要听取意见" in said(words_of(session, "change"))


def test_number_words_and_digest_stand_in_the_trail(office, session, case):
    [paper] = accepted(office, case)["papers"]

    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "paper:issued")).one()
    text = json.dumps(
        [paper["number"], words_of(session, "acceptance")], ensure_ascii=False, sort_keys=True
    )
    assert event.details["digest"] == paper["digest"] == hashlib.sha256(text.encode()).hexdigest()
    assert event.details["number"] == paper["number"]


def test_a_paper_is_the_same_pdf_each_time_with_its_font(office, case):
    accepted(office, case)
    clerk = office.client("D01", "clerk")

    one, other = (clerk.get(f"/v1/cases/{case['id']}/papers/{case['number']}S") for _ in range(2))

    assert one.mimetype == "application/pdf"
    assert one.data == other.data
    assert one.data.startswith(b"%PDF-")
    assert b"/FontFile2" in one.data
    assert re.search(rb"/BaseFont /\w+\+?\w*NotoSansSC", one.data)
    assert one.headers["Content-Disposition"].endswith(f"{case['number']}S.pdf")


@pytest.mark.parametrize("paper", ["SL0J", "nonsense"])
def test_a_paper_that_was_not_issued_is_not_there(office, case, paper):
    answer = office.client("D01", "clerk").get(f"/v1/cases/{case['id']}/papers/{paper}")

    assert (answer.status_code, answer.json["code"]) == (404, "paper-not-found")


def test_anyone_may_check_a_paper_and_learns_nothing_of_it(office, client, case):
    [paper] = accepted(office, case)["papers"]
    given = {"number": f" {paper['number'].lower()} ", "code": paper["code"].lower()}

    answer = client.get("/v1/papers/check", query_string=given)

    assert answer.status_code == 200
    assert set(answer.json) == {"kind", "number", "issuer", "issued_at"}
    assert answer.json["issuer"] == "铁东区民政局"
    assert case["applicant_name"] not in answer.get_data(as_text=True)


def test_a_wrong_code_or_number_is_not_ours(office, client, case):
    [paper] = accepted(office, case)["papers"]

    for given in (
        {"number": paper["number"], "code": "222222222222"},
        {"number": "SL000000", "code": paper["code"]},
    ):
        answer = client.get("/v1/papers/check", query_string=given)
        assert (answer.status_code, answer.json["code"]) == (404, "paper-not-found")
    assert client.get("/v1/papers/check").status_code == 422


class TestDrawing:
    @staticmethod
    def lines(text, width=50.0):
        pdf = drawing.FPDF()
        pdf.add_font("paper", fname=drawing.FONT)
        pdf.set_font("paper", size=12)
        found = list(drawing.broken(pdf, text, width))
        drawing.close(pdf)
        return found

    def test_no_line_begins_or_ends_with_the_wrong_mark(self):
        found = self.lines("一二三四五六七八九十，（甲）" * 12)

        assert "".join(found) == "一二三四五六七八九十，（甲）" * 12
        assert len(found) > 10
        assert not any(line[0] in "，）" for line in found)
        assert not any(line[-1] == "（" for line in found)

    def test_a_character_that_the_font_lacks_is_shown_to_be_missing(self):
        assert drawing.known("王𠮷祥") == "王〓祥"
