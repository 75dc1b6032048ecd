"""Several of an office who act on one objection at one moment: one does it, the others are told."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from relief.accounts.types import Role
from relief.core.clock import local_date
from relief.review import service
from relief.review.checks.acts import Signed
from relief.review.models import CaseStage, CaseStep
from relief.review.objecting import acts, answering, inquiring
from relief.review.objecting.models import CaseInquiry, CaseObjection
from relief.review.objecting.types import Channel, InquiryKind
from relief.review.types import Outcome, StageStatus, Step
from relief.schemes.types import StageKind
from tests import factories
from tests.integration.test_case_races import MANY, all_try, inside
from tests.support.people import CITY
from tests.support.settings import CIPHER, START
from tests.support.surveying import survey

__all__ = ["inside"]  # the fixture
TODAY = local_date(START)


@pytest.fixture
def case(inside):
    """A case that hangs in public, and of its office two who survey and one who answers."""

    def prepare(session):
        home = factories.make_household(session, CIPHER, schemes=("S14",), marital="10")
        office = [
            factories.actor_of(
                factories.make_account(session, role, department="D01", region=CITY), role
            )
            for role in (Role.CLERK, Role.CLERK, Role.REVIEWER, Role.APPROVER)
        ]
        everyone = replace(office[0], roles=frozenset({Role.CLERK, Role.REVIEWER}))
        case_id = service.submit(
            session, actor=everyone, person_id=home.person_id, scheme_code="S01",
            need="家庭困难", authorisations=[Signed(person_id=home.person_id, signed_on=TODAY)],
            now=START,
        )  # fmt: skip
        while waiting := [
            row
            for row in session.scalars(
                select(CaseStage).where(
                    CaseStage.case_id == case_id, CaseStage.status == StageStatus.OPEN
                )
            )
            if row.kind is not StageKind.PUBLIC_NOTICE
            and not (row.code == "FIRST_OPN" and _before_it(session, case_id))
        ]:
            for row in waiting:
                if row.code == "FIRST_OPN":
                    survey(session, case_id, now=START)
                service.end_stage(
                    session, actor=replace(everyone, department_code=row.department_code),
                    case_id=case_id, code=row.code, outcome=Outcome.PASSED, opinion=None,
                    now=START,
                )  # fmt: skip
        return case_id, office

    return inside(prepare)


def _before_it(session, case_id):
    return session.scalar(
        select(func.count()).where(
            CaseStage.case_id == case_id,
            CaseStage.status == StageStatus.OPEN,
            CaseStage.code.in_(("KIN_FLAG", "INV_START", "CHK_START")),
        )
    )


def test_of_many_at_once_one_orders_surveys_and_answers(inside, case):
    case_id, (_, clerk, reviewer, approver) = case
    objection = inside(
        lambda session: acts.record(
            session, actor=clerk, case_id=case_id, received_on=TODAY, channel=Channel.LETTER,
            words="家中有车", name=None, phone=None, cipher=CIPHER, now=START,
        )
    )  # fmt: skip

    done, late = all_try(
        inside,
        lambda session: inquiring.order(
            session, actor=clerk, case_id=case_id, kind=InquiryKind.RESURVEY, reason="核实",
            now=START,
        ),
    )  # fmt: skip
    assert (len(done), late) == (1, ["inquiry-ordered"] * (MANY - 1))
    done, late = all_try(
        inside,
        lambda session: inquiring.resurvey(
            session, actor=clerk, case_id=case_id, companion_id=reviewer.id, held_on=TODAY,
            finding="车辆已转让", signature="均已签字", now=START,
        ),
    )  # fmt: skip
    assert (len(done), late) == (1, ["inquiry-not-ordered"] * (MANY - 1))
    done, late = all_try(
        inside,
        lambda session: answering.answer(
            session, actor=approver, case_id=case_id, objection_id=objection, upheld=True,
            reason="收入未申报", now=START,
        ),
    )  # fmt: skip

    assert (len(done), late) == (1, ["objection-answered"] * (MANY - 1))
    counts = inside(
        lambda session: [
            session.scalar(select(func.count()).select_from(CaseInquiry)),
            session.scalar(select(func.count()).where(CaseObjection.upheld)),
            session.scalar(select(func.count()).where(CaseStep.step == Step.OBJECTION_UPHELD)),
            session.scalar(
                select(func.count()).where(
                    CaseStage.code == "FIRST_OPN", CaseStage.status == StageStatus.OPEN
                )
            ),
        ]
    )
    assert counts == [1, 1, 1, 1]
