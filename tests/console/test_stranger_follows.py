"""From the text of a PDF alone, by links and forms of the pages, to all that led to a decision.

What the pages show is held against the database, row by row: nothing that was said, found or
counted may be missing.
"""

import re
from collections import Counter
from datetime import datetime
from html import unescape

import pytest
from sqlalchemy import select

from relief.accounts.models import Account
from relief.audit.models import AuditEvent
from relief.console.labels import label
from relief.core.clock import CHINA
from relief.organisation.models import Department
from relief.review.checks.models import CaseAuthorisation, CaseFinding
from relief.review.models import Case, CasePause, CaseReminder, CaseStage, CaseStep
from relief.schemes import check_rules
from tests.console.test_cases import desk
from tests.console.test_stranger import decided
from tests.support.html_forms import forms_of
from tests.support.pdf_text import text_of

__all__ = ["decided", "desk"]  # fixtures
FOOT = re.compile(r"文书编号 (\S+?)，核验码 (\S+?)。")
ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
HIDDEN = ("王小明", "564", "人均收入", "低保", "铁东区解放")


@pytest.fixture
def pdf(office, desk, decided):
    """The decision, as the family holds it in their hands."""
    case, number, _ = decided
    page = desk().get(case)
    [link] = [one for one in page.links if one.endswith(f"/papers/{number}")]
    return desk().client.get(link).get_data()


def rows_of(html):
    """What each row of the tables of a page says."""
    return [" ".join(unescape(TAG.sub(" ", row)).split()) for row in ROW.findall(html)]


def one_row(rows, *words):
    """Find the row that says all of it."""
    told = [" ".join(str(one).split()) for one in words if one not in (None, "")]
    found = [row for row in rows if all(one in row for one in told)]
    assert found, told
    return found[0]


def moment(at):
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def names(session):
    accounts = dict(session.execute(select(Account.id, Account.display_name)).all())
    return accounts | {None: None}


def reach(auditor, number):
    """The case's page, from the first page on, by what is offered there."""
    home = auditor.get("/")
    assert "/cases" in home.links
    listed = auditor.get("/cases")
    [form] = [one for one in forms_of(listed.html) if (one.action, one.method) == ("/cases", "get")]
    found = auditor.get(form.action, query_string=form.filled(number=number))
    [case] = {one for one in found.links if re.fullmatch(r"/cases/[0-9a-f-]{36}", one)}
    return auditor.get(case)


def test_the_pdf_alone_leads_to_everything_and_nothing_is_missing(session, browser, desk, pdf):
    number, code = FOOT.search(text_of(pdf).replace("\n", "")).groups()

    checked = browser.get("/check", query_string={"number": number, "code": code})
    assert "文书有效" in checked.text
    assert not any(words in checked.text for words in HIDDEN)
    assert "/cases" not in checked.html
    wrong = browser.get("/check", query_string={"number": number, "code": code[::-1]})
    assert "没有查到这份文书" in wrong.text

    auditor = desk("D01", "auditor")
    page = reach(auditor, number)

    case = session.scalars(select(Case)).one()
    rows, who = rows_of(page.html), names(session)
    opinions(session, case, rows, who)
    checks(session, case, page, rows, who)
    clocks(session, case, page, rows)
    timeline(session, case, rows, who)
    [trail] = {one for one in page.links if one.startswith("/audit?")}
    audited(session, case, auditor, trail)


def opinions(session, case, rows, who):
    """Every opinion: of which office, by whom, what it came to, with what words, when."""
    departments = dict(session.execute(select(Department.code, Department.name)).all())
    given = session.scalars(select(CaseStage).where(CaseStage.case_id == case.id)).all()
    assert {one.outcome.value for one in given if one.outcome} >= {"passed", "objected", "granted"}
    for one in given:
        one_row(
            rows,
            one.name,
            departments[one.department_code],
            who[one.ended_by],
            one.outcome and label(one.outcome, "outcome"),
            one.opinion,
            one.ended_at and moment(one.ended_at),
        )


def checks(session, case, page, rows, who):
    """Every check that ran, and of each finding its evidence, its rule and how it was verified."""
    for code, rule in check_rules.in_force(session, on=case.decided_at.date()).items():
        one_row(rows, code, rule.name, rule.source)
    findings = session.scalars(select(CaseFinding).where(CaseFinding.case_id == case.id)).all()
    assert findings
    for one in findings:
        row = one_row(rows, one.check_code, one.message, one.rule, moment(one.found_at))
        for said in leaves(one.evidence):
            assert said in row, (said, row)
        if one.verdict is not None:
            verdict = label(one.verdict, "doubt_verdict")
            for said in (verdict, one.answer, who[one.answered_by], moment(one.answered_at)):
                assert said in row, (said, row)
    for signed in session.scalars(select(CaseAuthorisation)):
        assert f"{signed.name}于 {signed.signed_on} 签署核对授权书" in page.text


def leaves(evidence):
    """The plain values of an evidence that people read; ids are led to, not read."""
    for value in evidence.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and not re.fullmatch(r"[0-9a-f-]{36}", one):
                yield one


def clocks(session, case, page, rows):
    """Every clock: its beginning and last day, what it stood for, and when somebody was told."""
    assert f"总时限 {case.due_on}" in page.text
    assert f"不计暂停 {case.due_unpaused_on}" in page.text
    for one in session.scalars(select(CaseStage).where(CaseStage.case_id == case.id)):
        row = one_row(rows, one.name, one.begun_on, one.due_on)
        if one.due_unpaused_on != one.due_on:
            assert f"不计暂停 {one.due_unpaused_on}" in row
    for wait in session.scalars(select(CasePause).where(CasePause.case_id == case.id)):
        assert f"{wait.missing}（至 {wait.until_on}）" in page.text
    stages = {one.id: one.name for one in session.scalars(select(CaseStage))}
    told = session.scalars(select(CaseReminder).where(CaseReminder.case_id == case.id)).all()
    assert told
    for reminder in told:
        one_row(rows, moment(reminder.at), stages.get(reminder.stage_id, "总时限"))


def timeline(session, case, rows, who):
    """Every step: when, what, by whom, with what words."""
    steps = session.scalars(select(CaseStep).where(CaseStep.case_id == case.id)).all()
    assert len(steps) == case.steps
    for one in steps:
        one_row(
            rows,
            moment(one.at),
            label(one.step, "case_step"),
            who[one.actor_id] or "系统",
            one.note,
        )


def audited(session, case, auditor, trail):
    """Every row of the trail, through all its pages."""
    shown = Counter()
    while trail:
        page = auditor.get(trail)
        shown.update(re.findall(r'<time datetime="([^"]+)">', page.html))
        trail = next(iter(re.findall(r'rel="next" href="([^"]+)"', page.html)), None)
        trail = trail and unescape(trail)
    kept = Counter(
        at.astimezone(CHINA).isoformat()
        for at in session.scalars(
            select(AuditEvent.occurred_at).where(
                AuditEvent.subject_id == case.id, AuditEvent.action != "case:viewed"
            )
        )
    )
    assert kept.total() >= case.steps
    found = Counter()
    for at, many in shown.items():
        found[datetime.fromisoformat(at).astimezone(CHINA).isoformat()] += many
    assert not kept - found


def test_it_leads_to_no_other_case(desk, pdf, office):
    other = office.apply("S01", office.household(name="李四"))["case"]["id"]
    number, _ = FOOT.search(text_of(pdf).replace("\n", "")).groups()

    page = reach(desk("D01", "auditor"), number)

    assert other not in page.html
    assert "李四" not in page.text
