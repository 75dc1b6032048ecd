"""Whose the account of an institution is, and that a finding about an account names nobody."""

from datetime import date

import pytest
from sqlalchemy import select

from relief.core.findings import Grade
from relief.core.ids import new_id
from relief.core.privacy import store
from relief.core.privacy.models import SecretKind
from relief.funds.payees.models import CasePayee
from relief.funds.payees.types import AccountForm, PayeeKind, PayeeState
from relief.registers.types import Register
from relief.registry.models import Person
from relief.review.checks.models import CaseFinding
from relief.review.paying import sharing
from tests.integration.test_checks_look import codes
from tests.integration.test_checks_outside import OFFICIAL, case, clerk, home, tell
from tests.support.settings import CIPHER, START

__all__ = ["case", "clerk", "home"]  # the fixtures

DEPOSIT = {"kind": "deposit", "amount_fen": 100}
DOUBT = [("A22", Grade.DOUBT)]


def enter(session, case, clerk, number, kind=PayeeKind.INSTITUTION, minutes=0):
    """Enter a payee of a case; return its stored number."""
    stored = store.put_many(session, CIPHER, SecretKind.BANK_ACCOUNT, [number], now=START)[number]
    person = kind in {PayeeKind.SELF, PayeeKind.GUARDIAN}
    session.add(
        CasePayee(
            id=new_id(START.replace(minute=minutes)), case_id=case.id, kind=kind,
            form=AccountForm.PASSBOOK if person else AccountForm.CORPORATE,
            bank_code="102223000018", number_id=stored, number_masked="*", holder="某某敬老院",
            proof="开户许可证", reason="首次登记", households=0, old_phones=[], told=[],
            state=PayeeState.PROPOSED, proposed_by=clerk.id, proposed_at=START,
        )
    )  # fmt: skip
    session.flush()
    return stored


@pytest.fixture
def listed(session, home):
    """The account of the lists is another's by the register."""
    account = session.get_one(Person, home.person_id).account
    held = {"number": OFFICIAL, "account_id": account, "name": "赵六", **DEPOSIT}
    tell(session, Register.BALANCES, held, day=date(2026, 11, 1))


@pytest.mark.usefixtures("listed")
def test_where_an_institution_is_paid_the_account_of_the_lists_is_no_matter(session, case, clerk):
    assert codes(session, case) == DOUBT

    enter(session, case, clerk, "6299990001")

    assert codes(session, case) == []


@pytest.mark.parametrize("name", ["钱七", "某某敬老院"])
def test_an_institutions_account_that_is_a_persons_is_a_doubt(session, case, clerk, name):
    account = enter(session, case, clerk, "6299990001")
    held = {"number": OFFICIAL, "account_id": account, "name": name, **DEPOSIT}
    tell(session, Register.BALANCES, held)

    assert codes(session, case) == DOUBT
    [found] = session.scalars(select(CaseFinding).where(CaseFinding.check_code == "A22"))
    assert (found.key, found.message, found.evidence["holder"]) == (
        "institution", "收款人是机构，发放账户却登记在个人名下，不是对公账户", name,
    )  # fmt: skip


def test_not_even_if_it_is_the_applicants_own(session, case, home, clerk):
    account = enter(session, case, clerk, "6299990001")
    mine = session.get_one(Person, home.person_id).citizen_id
    tell(session, Register.BALANCES, {"number_id": mine, "account_id": account, **DEPOSIT})

    assert codes(session, case) == DOUBT


@pytest.mark.usefixtures("listed")
def test_the_finding_names_the_holder_in_its_evidence_alone(session, case):
    assert codes(session, case) == DOUBT

    [found] = session.scalars(select(CaseFinding).where(CaseFinding.check_code == "A22"))
    assert found.message.startswith("发放账户登记在他人名下，不是")
    assert found.evidence["holder"] == "赵六"


def test_an_institutions_account_is_nobodys_household(session, case, home, clerk, assert_queries):
    enter(session, case, clerk, "6299990001")

    with assert_queries(1):
        [told] = sharing.paid_to(session, [case.id])[case.id]

    assert (told.kind, told.households) == (PayeeKind.INSTITUTION, 0)
