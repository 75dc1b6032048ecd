"""The survey of a home: by two of its office, on a sheet that both sides signed, by no approver."""

import uuid

import pytest
from sqlalchemy import select, text, update

from relief.accounts.models import Account, AccountRole
from relief.accounts.types import Post, Role
from relief.attachments.media.types import MediaKind
from relief.review.models import Case
from relief.review.surveying.models import CaseSurvey
from tests import factories
from tests.api.test_kin import filed, relative
from tests.console.conftest import Browser
from tests.support.html_forms import form_of
from tests.support.objecting import done, refused
from tests.support.people import TIEDONG, TIEXI, enrol
from tests.support.surveying import make_sheet

# The version that open cases were under when the survey came.
BEFORE = (
    """INSERT INTO procedure SELECT (jsonb_populate_record(p, '{"version": 1}')).*
    FROM procedure p WHERE code = 'W_DB30'""",
    """INSERT INTO procedure_stage
    SELECT (jsonb_populate_record(s, '{"procedure_version": 1, "investigators": 0}')).*
    FROM procedure_stage s WHERE procedure_code = 'W_DB30'""",
)
RULE = "民发〔2021〕57号第十六条"


@pytest.fixture
def home(office):
    return office.household()


@pytest.fixture
def case(office, home):
    """A case whose home is to be surveyed before the first opinion."""
    case = office.apply("S01", home)["case"]["id"]
    for code, role in (
        ("ACCEPT", "clerk"), ("KIN_FLAG", "clerk"), ("INV_START", "clerk"),
        ("CHK_START", "reviewer"),
    ):  # fmt: skip
        path = f"/v1/cases/{case}/stages/{code}/end"
        done(office.client("D01", role).post(path, json={"outcome": "passed"}))
    return case


def other(office, role=Role.CLERK, region=TIEDONG, department="D01"):
    account = factories.make_account(office.session, role, department=department, region=region)
    office.session.commit()
    return account.id


def sheet(office, case, **given):
    by = office.bind("clerk")
    made = make_sheet(office.session, uuid.UUID(case), by=by, now=office.clock(), **given)
    office.session.commit()
    return made


def sent(office, case, **given):
    found = {
        "companion_id": str(other(office)),
        "held_on": "2026-11-23",
        "finding": "住房一处，无车辆，与申报一致",
        "sheet_id": str(sheet(office, case)),
    }
    return found | given


def survey(office, case, role="clerk", department="D01", region=TIEDONG, **given):
    client = office.client(department, role, region=region)
    return client.post(f"/v1/cases/{case}/survey", json=sent(office, case, **given))


def end_opinion(office, case):
    return office.client("D01", "clerk").post(
        f"/v1/cases/{case}/stages/FIRST_OPN/end", json={"outcome": "passed"}
    )


def opinion(detail):
    [row] = [one for one in detail["stages"] if one["code"] == "FIRST_OPN"]
    return row


def test_without_a_survey_there_is_no_opinion(office, session, case):
    assert opinion(office.show(case))["survey_by"] == 2
    assert RULE in refused(end_opinion(office, case), 409, "survey-missing")

    detail = done(survey(office, case))

    assert opinion(detail)["survey_by"] == 0
    assert len(detail["survey"]["surveyors"]) == 2
    assert detail["survey"]["unsigned_why"] is None
    told = [one for one in detail["timeline"] if one["step"] == "surveyed"]
    assert "调查人员和申请人均已签字" in told[0]["note"]
    assert done(end_opinion(office, case))["survey"] == detail["survey"]
    assert session.scalar(select(CaseSurvey.held_on)).isoformat() == "2026-11-23"


def test_one_alone_does_not_survey(office, case):
    own = str(office.bind("clerk"))

    assert RULE in refused(survey(office, case, companion_id=own), 422, "survey-by-two")
    assert office.show(case)["survey"] is None


@pytest.mark.parametrize(
    "given",
    [
        {"role": Role.APPROVER},  # who may decide later
        {"region": TIEXI},  # of another place
        {"department": "D13"},  # of another department
    ],
)
def test_the_other_is_of_the_same_office_there_and_decides_nothing(office, case, given):
    companion = str(other(office, **given))

    said = refused(survey(office, case, companion_id=companion), 422, "survey-by-two")
    assert "审批人不参加" in said


def test_neither_of_them_is_kin(office, home, case):
    office.client("D01", "reviewer")
    filed(office, relative(home), who=("D01", "reviewer"))
    kin = str(office.accounts["D01", "reviewer", TIEDONG])

    assert "另一名入户人员" in refused(survey(office, case, companion_id=kin), 403, "kin-of-case")
    assert "第十一条" in refused(survey(office, case, role="reviewer"), 403, "kin-of-case")


def test_a_sheet_that_nobody_signed_is_refused(office, case):
    elsewhere = office.apply("S01")["case"]["id"]
    for wrong in (
        {"sheet_id": str(uuid.UUID(int=7))},
        {"sheet_id": str(sheet(office, elsewhere))},
        {"sheet_id": str(sheet(office, case, kind=MediaKind.SOUND))},
        {"unsigned_why": "拒绝签字"},  # which nobody witnessed
        {"witness": "李四"},  # of what?
    ):
        assert RULE in refused(survey(office, case, **wrong), 422, "survey-unsigned")
    client = office.client("D01", "clerk")
    bare = sent(office, case)
    del bare["sheet_id"]
    assert client.post(f"/v1/cases/{case}/survey", json=bare).status_code == 422
    assert office.show(case)["survey"] is None


def test_who_does_not_sign_is_witnessed(office, case):
    why = {"unsigned_why": "申请人卧床，不能书写", "witness": "王五"}

    detail = done(survey(office, case, **why))

    assert detail["survey"].items() >= why.items()
    assert end_opinion(office, case).status_code == 200


def test_a_survey_is_of_a_day_since_the_acceptance_and_recorded_once(office, case):
    for day in ("2026-11-22", "2026-11-24"):
        refused(survey(office, case, held_on=day), 422, "survey-day")
    done(survey(office, case))

    refused(survey(office, case), 409, "surveyed-before")
    done(end_opinion(office, case))
    refused(survey(office, case), 409, "survey-not-due")


def test_another_department_does_not_record_it(office, case):
    refused(survey(office, case, department="D13", role="reviewer"), 403, "not-yours")


def test_the_sheet_stays_with_the_case(office, case):
    done(survey(office, case))
    kept = office.show(case)["survey"]["sheet_id"]

    answer = office.client("D01", "clerk").post(
        f"/v1/cases/{case}/enclosures/{kept}/removal", json={"reason": "重复"}
    )

    refused(answer, 409, "survey-sheet-kept")


def test_who_surveyed_does_not_confirm(office, session, case):
    """Also the one whose name the other recorded, and who approves since."""
    companion = other(office)
    done(survey(office, case, companion_id=str(companion)))
    office.go_on(case)
    session.add(
        AccountRole(
            account_id=companion,
            role=Role.APPROVER,
            post=Post.OPERATIONS,
            granted_at=office.clock(),
        )
    )
    enrol(session, session.get_one(Account, companion), Role.APPROVER)
    session.commit()
    office.accounts["D01", "approver", TIEDONG] = companion

    refused(office.decide(case, "D01"), 403, "four-eyes")


def test_a_case_keeps_the_version_under_which_nobody_was_asked(office, session, case):
    for statement in BEFORE:
        session.execute(text(statement))
    session.execute(update(Case).where(Case.id == uuid.UUID(case)).values(procedure_version=1))
    session.commit()

    assert opinion(office.show(case))["survey_by"] == 0
    assert end_opinion(office, case).status_code == 200


def test_where_there_was_no_home_to_survey_nothing_is_recorded(office):
    case = office.apply("S09")["case"]["id"]
    done(
        office.client("D01", "clerk").post(
            f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "passed"}
        )
    )

    refused(survey(office, case), 409, "survey-not-due")


def test_it_is_recorded_in_the_browser(office, case):
    companion = other(office)
    photo = sheet(office, case)
    browser = Browser(office.app)
    browser.client.set_cookie("relief_session", office.cookie("D01", "clerk"))
    page = browser.get(f"/cases/{case}")
    assert "登记入户调查" in page.text
    assert f"/cases/{case}/stages/FIRST_OPN" not in page.html  # it cannot be ended yet
    form = form_of(page.html, f"/cases/{case}/survey")

    answer = browser.post(
        f"/cases/{case}/survey",
        form.filled(surveyor_id=str(companion), home_finding="与申报一致", sheet_id=str(photo)),
    )

    assert answer.status == 303, answer.text
    page = browser.get(f"/cases/{case}")
    assert "调查人员和申请人均已签字" in page.text
    assert f"/cases/{case}/stages/FIRST_OPN" in page.html
