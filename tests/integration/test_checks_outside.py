"""What the registers say of families, from the tables to the findings; in how many statements."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from relief.core.findings import Grade
from relief.core.ids import new_id
from relief.core.privacy import store
from relief.core.privacy.models import SecretKind
from relief.core.reading_once import forget
from relief.funds.payees.models import CasePayee
from relief.funds.payees.types import AccountForm, PayeeKind, PayeeState
from relief.registers.types import Content, Register, State
from relief.registry.models import Person
from relief.review.checks import running
from relief.review.checks.models import CaseFinding
from relief.review.checks.types import Verdict
from relief.review.facts.models import CaseFact
from relief.review.kin.errors import KinOfCase
from relief.review.kin.locks import is_kin, refuse_known
from relief.review.kin.models import CaseKin, KinFiling, KinRelative
from relief.review.kin.types import KinSource
from relief.review.models import Case
from tests import factories
from tests.integration.test_checks_look import codes, make_home, move_in, open_case
from tests.support.registers import deliver
from tests.support.settings import CIPHER, START
from tests.support.source import number

OFFICIAL = number(date(1975, 5, 6), 11)
CAR = {"kind": "passenger_car", "from_on": date(2024, 1, 1)}


@pytest.fixture
def clerk(session):
    return factories.make_account(session, None, department="D01")


@pytest.fixture
def home(session):
    return make_home(session)


@pytest.fixture
def case(session, home, clerk):
    return open_case(session, home, clerk)


def number_of(session, home):
    return session.get_one(Person, home.person_id).citizen_id


def tell(session, register, *rows, **given):
    return deliver(session, CIPHER, register, *rows, now=START, **given)


def own(session, home, **row):
    return {"number_id": number_of(session, home)} | row


def test_what_each_register_says_of_the_family_is_found(session, case, home):
    child = make_home(session, name="张小宝", born_on=date(2015, 6, 7))
    move_in(session, child, home, relation="20")
    money = {"kind": "deposit", "amount_fen": 9_000_000, "from_on": date(2026, 10, 31)}
    paid = {"amount_fen": 400_000, "from_on": date(2020, 1, 1)}
    for register, row in (
        (Register.VEHICLES, CAR),
        (Register.REAL_ESTATE, {"kind": "dwelling", "area_dm2": 20_000}),
        (Register.BUSINESSES, {"kind": "sole_trader", "place": "小卖店"}),
        (Register.PROVIDENT_FUND, paid),
        (Register.PENSIONS, {"kind": "employee", **paid}),
        (Register.BALANCES, money),
        (Register.FISCAL_STAFF, {"place": "某局", "amount_fen": 500_000}),
        (Register.CADRES, {"place": "解放社区"}),
    ):
        tell(session, register, own(session, home, **row))

    assert codes(session, case) == [
        ("A11", Grade.DOUBT), ("A12", Grade.NOTE), ("A13", Grade.DOUBT), ("A14", Grade.DOUBT),
        ("A15", Grade.DOUBT), ("A16", Grade.NOTE), ("A17", Grade.NOTE), ("A18", Grade.DOUBT),
    ]  # fmt: skip


def test_what_was_found_out_of_the_income_counts(session, case, home, clerk):
    paid = {"kind": "employee", "amount_fen": 150_000, "from_on": date(2020, 1, 1)}
    tell(session, Register.PENSIONS, own(session, home, **paid))
    for fen, grades in ((149_999, [("A17", Grade.DOUBT)]), (150_000, [])):
        session.add(
            CaseFact(
                id=new_id(START + timedelta(seconds=fen)), case_id=case.id, found_by=clerk.id,
                kind_code="household_income_month", value=fen, proof="核对", found_at=START,
            )
        )  # fmt: skip
        assert codes(session, case) == grades


def test_a_car_that_is_sold_by_a_later_file_closes_the_doubt(session, case, home):
    tell(session, Register.VEHICLES, own(session, home, **CAR), day=date(2026, 10, 1))
    assert codes(session, case) == [("A13", Grade.DOUBT)]

    sold = own(session, home, **CAR, state=State.ENDED, to_on=date(2026, 11, 1))
    tell(session, Register.VEHICLES, sold, content=Content.CHANGES, day=date(2026, 11, 2))
    assert codes(session, case) == []
    [row] = session.scalars(select(CaseFinding).where(CaseFinding.check_code == "A13"))
    assert row.gone_at is not None


def test_a_newer_file_that_says_the_same_leaves_the_answer(session, case, home, clerk):
    row, by = own(session, home, **CAR), clerk.id
    tell(session, Register.VEHICLES, row, day=date(2026, 10, 1))
    assert codes(session, case) == [("A13", Grade.DOUBT)]
    [found] = session.scalars(select(CaseFinding).where(CaseFinding.check_code == "A13"))
    found.verdict, found.answer = Verdict.UNFOUNDED, "已过户，登记未更新"
    found.answered_by, found.answered_at = by, START

    tell(session, Register.VEHICLES, row | {"row_number": 77}, day=date(2026, 11, 1))
    assert codes(session, case) == [("A13", Grade.DOUBT)]
    [same] = session.scalars(select(CaseFinding).where(CaseFinding.check_code == "A13"))
    assert (same.verdict, same.gone_at) == (Verdict.UNFOUNDED, None)

    tell(session, Register.VEHICLES, row | {"amount_fen": 100}, day=date(2026, 11, 2))
    codes(session, case)
    open_now = select(CaseFinding).where(
        CaseFinding.check_code == "A13", CaseFinding.gone_at.is_(None)
    )
    assert session.scalars(open_now).one().verdict is None


def test_a_spouse_in_the_booklet_and_among_the_marriages_is_one_finding(session, case, home):
    spouse = {"number": OFFICIAL, "name": "李四"}
    tell(
        session, Register.HOUSEHOLD_REGISTER,
        own(session, home, relation="02", group="H1", key="a"),
        spouse | {"relation": "12", "group": "H1", "key": "b"},
    )  # fmt: skip
    married = own(session, home, other_number=OFFICIAL, other_name="李四", key="J1")
    tell(session, Register.MARRIAGES, married)
    here = {"region_code": 210302002001}
    tell(
        session, Register.CADRES,
        spouse | here | {"place": "甲社区", "key": "c"},
        spouse | here | {"place": "乙社区", "key": "d"},
    )  # fmt: skip

    assert codes(session, case) == [
        ("A08", Grade.DOUBT), ("A09", Grade.DOUBT), ("A12", Grade.NOTE),
    ]  # fmt: skip

    tell(session, Register.DEATHS, spouse | {"kind": "police", "from_on": date(2026, 1, 2)})
    assert codes(session, case) == []


def test_the_account_of_another_is_a_doubt(session, case, home):
    account = session.get_one(Person, home.person_id).account
    row = {"kind": "deposit", "account_id": account, "name": "赵六", "amount_fen": 100}
    tell(session, Register.BALANCES, {"number": OFFICIAL, **row})
    assert codes(session, case) == [("A22", Grade.DOUBT)]


def test_the_account_that_was_entered_is_compared_and_no_longer_that_of_the_lists(
    session, case, home, clerk
):
    listed = session.get_one(Person, home.person_id).account
    entered = store.put_many(session, CIPHER, SecretKind.BANK_ACCOUNT, ["6299990001"], now=START)
    account = entered["6299990001"]
    row = {"kind": "deposit", "amount_fen": 100}
    tell(
        session,
        Register.BALANCES,
        {"number": OFFICIAL, "account_id": listed, "name": "赵六", **row},
        day=date(2026, 11, 1),
    )
    session.add(
        CasePayee(
            id=new_id(START), case_id=case.id, kind=PayeeKind.SELF, form=AccountForm.PASSBOOK,
            bank_code="102223000018", number_id=account, number_masked="*", holder="张三",
            proof="存折原件", reason="首次登记", households=1, old_phones=[], told=[],
            state=PayeeState.PROPOSED, proposed_by=clerk.id, proposed_at=START,
        )
    )  # fmt: skip
    assert codes(session, case) == []

    tell(
        session, Register.BALANCES,
        {"number": OFFICIAL, "account_id": account, "name": "钱七", **row},
    )  # fmt: skip
    assert codes(session, case) == [("A22", Grade.DOUBT)]


@pytest.mark.usefixtures("booklet")
class TestKin:
    """A member of staff stands in the booklet of the applicant, as a brother or sister."""

    @pytest.fixture
    def official(self, session):
        return factories.make_account(session, None, department="D01", region="210302000000")

    @pytest.fixture
    def booklet(self, session, home):
        rows = [
            own(session, home, relation="20", group="H1", key="a"),
            {"number": OFFICIAL, "relation": "30", "group": "H1", "key": "b", "name": "张经办"},
        ]
        tell(session, Register.HOUSEHOLD_REGISTER, *rows)

    def files(self, session, official, *relatives, relation="70", at=START):
        ids = store.put_many(session, CIPHER, SecretKind.CITIZEN_ID, [OFFICIAL], now=START)
        filing = KinFiling(
            id=new_id(at), account_id=official.id, year=2026, filed_at=at,
            own_number_id=ids[OFFICIAL],
        )  # fmt: skip
        session.add(filing)
        session.flush()
        for one in relatives:
            session.add(
                KinRelative(
                    id=new_id(START), filing_id=filing.id, name="张三", relation=relation,
                    number_id=one,
                )
            )  # fmt: skip
        session.flush()

    def test_it_is_found_locked_for_them_and_the_county_visits(self, session, case, official):
        self.files(session, official)

        assert codes(session, case) == [("A09", Grade.DOUBT)]
        [kept] = session.scalars(select(CaseKin))
        assert (kept.account_id, kept.source, kept.relation) == (
            official.id, KinSource.REGISTER, "70",
        )  # fmt: skip
        assert is_kin(session, case)
        with pytest.raises(KinOfCase):
            refuse_known(session, case, account_id=official.id)

        assert codes(session, case) == [("A09", Grade.DOUBT)]
        assert len(session.scalars(select(CaseKin)).all()) == 1

    def test_who_filed_it_is_not_alarmed_of(self, session, case, home, official):
        self.files(session, official, number_of(session, home))

        assert codes(session, case) == []

    def test_the_newest_filing_counts_and_who_is_filed_as_no_kin_is_not_filed(
        self, session, case, home, official
    ):
        self.files(session, official, number_of(session, home), relation="97")
        assert codes(session, case) == [("A09", Grade.DOUBT)]

        later = START + timedelta(seconds=1)
        self.files(session, official, number_of(session, home), at=later)
        assert codes(session, case) == []

        self.files(session, official, at=later + timedelta(seconds=1))
        assert codes(session, case) == [("A09", Grade.DOUBT)]

    def test_nor_who_handles_cases_elsewhere(self, session, case):
        elsewhere = factories.make_account(session, None, department="D01", region="210303000000")
        self.files(session, elsewhere)

        assert codes(session, case) == []
        assert session.scalars(select(CaseKin)).all() == []


def test_as_many_statements_for_many_cases_as_for_one(session, clerk, assert_queries):
    cases = []
    for place in range(5):
        home = make_home(session, address=f"某路{place}号")
        cases.append(open_case(session, home, clerk))
        tell(session, Register.VEHICLES, own(session, home, **CAR), content=Content.CHANGES)
        tell(
            session,
            Register.HOUSEHOLD_REGISTER,
            own(session, home, relation="20", group=f"H{place}", key=f"a{place}"),
            {
                "number": number(date(1990, 1, 1), place + 100), "relation": "30",
                "group": f"H{place}", "key": f"b{place}", "name": "张某",
            },
            content=Content.CHANGES,
        )  # fmt: skip
    session.execute(delete(CaseFinding))
    session.flush()

    for some in (cases[:1], cases[1:]):
        forget(session)
        with assert_queries(38):
            running.run(session, some, now=START)
        session.flush()

    hits = select(CaseFinding).where(CaseFinding.check_code == "A13")
    assert len(session.scalars(hits).all()) == len(session.scalars(select(Case)).all()) == 5
