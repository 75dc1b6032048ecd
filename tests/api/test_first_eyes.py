"""Who entered anything of an application is its first pair of eyes, and does not decide it."""

import pytest

from relief.accounts.models import AccountRole
from relief.accounts.types import Role
from tests.api.test_delegation import away, names
from tests.api.test_enclosures import put
from tests.api.test_kin import refused
from tests.api.test_mandates import record
from tests.support.applicants import CERTIFIED
from tests.support.media import photo
from tests.support.settings import START

__all__ = ["away", "names"]  # fixtures

HERE, CITY = "210302000000", "210300000000"
ASKED = {"missing": "收入证明"}


@pytest.fixture
def home(office):
    return office.household()


@pytest.fixture
def approver(office, session):
    """Somebody who approves, and may enter applications too."""
    office.client("D01", "approver")
    session.add(
        AccountRole(
            account_id=office.accounts["D01", "approver", HERE], role=Role.CLERK,
            post="operations", granted_at=START,
        )
    )  # fmt: skip
    session.commit()
    return lambda: office.client("D01", "approver")


def done(answer):
    assert answer.status_code == 200, answer.json
    return answer.json


def refuse_decision(office, case):
    told = refused(office.decide(case, "D01"), 403, "four-eyes")
    assert "行政事业单位内部控制规范（试行）第十二条，财会〔2012〕21号" in told
    other = office.client("D01", "approver", region=CITY)
    sent = {"granted": True, "amount_fen": 56400, "reason": "符合条件", "departs": "另有困难"}
    done(other.post(f"/v1/cases/{case}/decision", json=sent))


def test_who_entered_again_what_was_missing(office, home, approver):
    case = office.apply("S09", home)["case"]["id"]
    done(office.client("D01", "clerk").post(f"/v1/cases/{case}/return", json=ASKED))
    done(approver().post(f"/v1/cases/{case}/resubmit"))
    office.go_on(case)

    refuse_decision(office, case)


def test_for_whom_somebody_found_out_a_fact(office, home, away):
    case = office.apply("S09", home)["case"]["id"]
    office.go_on(case)
    done(
        office.client("D01", "reviewer").post(f"/v1/cases/{case}/facts", json={"facts": CERTIFIED})
    )

    refuse_decision(office, case)


def test_who_took_in_the_papers_that_were_asked_for(office, home, approver):
    case = office.apply("S09", home)["case"]["id"]
    office.end(case, office.show(case)["stages"][0])
    done(office.client("D01", "clerk").post(f"/v1/cases/{case}/pause", json=ASKED))
    done(approver().post(f"/v1/cases/{case}/resume"))
    office.go_on(case)

    refuse_decision(office, case)


def test_who_entered_an_authorisation(office, home, approver):
    case = office.apply("S09", home)["case"]["id"]
    sent = {"authorisations": [office.signed(home)]}
    done(approver().post(f"/v1/cases/{case}/authorisations", json=sent))
    office.go_on(case)

    refuse_decision(office, case)


def test_who_kept_a_paper(office, home, approver):
    case = office.apply("S09", home)["case"]["id"]
    done(put(office, case, photo(), client=approver()))
    office.go_on(case)

    refuse_decision(office, case)


def test_who_recorded_a_mandate(office, home, approver):
    case = office.apply("S09", home)["case"]["id"]
    approver()
    done(record(office, case, role="approver"))
    office.go_on(case)

    refuse_decision(office, case)


@pytest.mark.parametrize("visitor", ["approver", "reviewer"])
def test_who_visited_a_home_of_kin_for_the_county(office, home, approver, visitor):
    case = office.apply("S09", home)["case"]["id"]
    approver()
    declared = {"name": "村主任王某", "relation": "71"}
    done(office.client("D01", "clerk").post(f"/v1/cases/{case}/kin", json=declared))
    office.go_on(case)
    office.client("D01", "reviewer")
    there = {role: office.accounts["D01", role, HERE] for role in ("approver", "reviewer")}
    [companion] = [one for role, one in there.items() if role != visitor]
    visit = {"companion_id": str(companion), "visited_on": "2026-11-23", "finding": "情况属实"}
    done(office.client("D01", visitor).post(f"/v1/cases/{case}/kin-visit", json=visit))

    refuse_decision(office, case)
