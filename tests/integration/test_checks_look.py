"""What the checks are given to look at, from the tables; and in how many statements."""

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import Range

from relief.core.findings import Grade
from relief.core.ids import new_id
from relief.core.reading_once import forget
from relief.funds.models import Entitlement
from relief.registry.models import (
    Enrolment,
    Household,
    ImportBatch,
    LinkReview,
    Membership,
    Person,
    SourceIdentity,
)
from relief.registry.types import ReviewKind
from relief.review.checks import running
from relief.review.checks.look import look
from relief.review.checks.models import CaseFinding
from relief.review.checks.types import How
from relief.review.kin.models import KinFiling
from relief.review.models import Case, CaseStage
from relief.review.types import StageStatus
from relief.schemes.types import StageKind
from tests import factories
from tests.support.settings import CIPHER, START

TODAY = START.date()


@pytest.fixture
def clerk(session):
    return factories.make_account(session, None, department="D01")


@pytest.fixture
def home(session):
    return make_home(session)


def make_home(session, **given):
    plain = {"schemes": ("S14",), "marital": "10"}
    return factories.make_household(session, CIPHER, **plain | given)


@pytest.fixture
def case(session, home, clerk):
    return open_case(session, home, clerk)


def open_case(session, home, clerk, scheme="S01"):
    case_id = factories.make_case(session, home, scheme=scheme, entered_by=clerk.id)
    return session.get_one(Case, case_id)


def move_in(session, guest, home, relation="12"):
    """Let someone live in another's household."""
    session.execute(
        update(Membership)
        .where(Membership.person_id == guest.person_id)
        .values(household_id=home.id, relation=relation)
    )


def facts(session, case, now=START):
    session.flush()
    session.expire_all()
    [found] = look(session, [case], now=now)
    return found


def codes(session, case, now=START):
    """What a run finds."""
    session.flush()
    session.expire_all()
    looked = running.run(session, [case], now=now)[case.id]
    return [(one.check, one.grade) for one in looked.findings if one.check != "A10"]


def entitle(session, home, scheme, period):
    session.add(
        Entitlement(
            id=new_id(START), decision_id=new_id(START), person_id=home.person_id,
            identity_id=None, scheme_code=scheme, county_code=210302, region_code=210302002001,
            department_code="D01", amount_fen=9000, opened_at=START, period=period,
        )
    )  # fmt: skip


def test_of_a_plain_case_nothing_is_found(session, case):
    assert codes(session, case) == []


def test_the_family_is_who_shares_the_household(session, case, home):
    wife, stranger = make_home(session, name="李四"), make_home(session, name="王五")
    move_in(session, wife, home)

    found = facts(session, case)

    assert [one.id for one in found.family] == [home.person_id, wife.person_id]
    assert stranger.person_id not in {one.id for one in found.family}
    assert found.applicant.name == "张三"


def test_who_is_in_no_household_is_a_family_alone(session, case, home):
    session.execute(Membership.__table__.delete().where(Membership.person_id == home.person_id))

    found = facts(session, case)

    assert ([one.id for one in found.family], found.shared.account) == ([home.person_id], 1)


class TestNumbers:
    def given(self, session, home, **said):
        session.execute(
            update(SourceIdentity)
            .where(SourceIdentity.batch_id == home.batches["S14"])
            .values(**said)
        )

    def number(self, session, home):
        return session.scalar(select(Person.citizen_id).where(Person.id == home.person_id))

    def test_a_number_that_fails_its_check_is_known_by_the_lists(self, session, case, home):
        bad = self.number(session, home)
        self.given(session, home, citizen_id=bad, citizen_id_valid=False)
        person = update(Person).where(Person.id == home.person_id)
        session.execute(person.values(citizen_id=None))
        assert codes(session, case) == [("A01", Grade.BLOCK)]

        session.execute(person.values(citizen_id=bad))
        assert codes(session, case) == []

    def test_a_list_may_contradict_the_number_beside_which_it_stands(self, session, case, home):
        born = date(1980, 3, 4)
        self.given(
            session, home, citizen_id=self.number(session, home),
            number_born_on=born, born_on=born + timedelta(days=1),
        )  # fmt: skip
        assert codes(session, case) == [("A02", Grade.DOUBT)]
        assert facts(session, case).applicant.contradicted == ("S14",)

        self.given(session, home, born_on=born)
        assert codes(session, case) == []

    @pytest.mark.parametrize(
        ("kind", "code"), [(ReviewKind.NUMBER_SHARED, "A02"), (ReviewKind.HOUSEHOLD, "A04")]
    )
    def test_a_question_to_the_stewards_is_a_doubt_while_it_is_open(
        self, session, case, home, kind, code
    ):
        review = factories.make_review(session, home, region=210302002001)
        session.execute(update(LinkReview).where(LinkReview.id == review).values(kind=kind))
        assert codes(session, case) == [(code, Grade.DOUBT)]

        session.execute(update(LinkReview).where(LinkReview.id == review).values(closed_at=START))
        assert codes(session, case) == []


class TestHoldings:
    def listed(self, session, home, scheme, **given):
        """Put someone on a list, as its file of October has it."""
        factories.make_batch(session, scheme)
        session.flush()
        session.execute(
            update(Enrolment).where(Enrolment.person_id == home.person_id).values(
                scheme_code=scheme, **given
            )
        )  # fmt: skip

    def merged(self, session):
        session.execute(update(ImportBatch).values(merged_at=START - timedelta(days=1)))

    def test_a_place_on_a_list_that_goes_on_is_held(self, session, home, clerk):
        case = open_case(session, home, clerk, "S09")
        self.listed(session, home, "S02")
        self.merged(session)

        assert codes(session, case) == [("A06", Grade.DOUBT)]
        [held] = facts(session, case).holdings
        assert (held.scheme_code, held.how, held.until) == ("S02", How.LIST, None)

    @pytest.mark.parametrize(
        "left", [{"ended_on": TODAY}, {"spells": [Range(date(2025, 1, 1), date(2026, 10, 1))]}]
    )
    def test_who_left_the_list_does_not_hold(self, session, home, clerk, left):
        case = open_case(session, home, clerk, "S09")
        self.listed(session, home, "S02", **left)
        self.merged(session)

        assert codes(session, case) == []

    def test_what_is_given_once_has_a_day(self, session, home, clerk):
        case = open_case(session, home, clerk, "S04")
        self.listed(session, home, "S03")
        self.merged(session)
        assert facts(session, case).holdings[0].until == date(2026, 10, 1)
        assert codes(session, case) == [("A06", Grade.DOUBT)]

        self.listed(session, home, "S03", last_on=None)
        assert codes(session, case) == []

    def test_what_others_of_the_household_ask_for_is_held_and_ones_own_case_is_not(
        self, session, home, clerk, case
    ):
        wife = make_home(session, name="李四")
        other = open_case(session, wife, clerk, "S01")
        assert codes(session, case) == []
        move_in(session, wife, home)

        assert ("A05", Grade.BLOCK) in codes(session, case)
        held = [one.how for one in facts(session, other).holdings if one.scheme_code == "S01"]
        assert held == [How.CASE]

    def test_an_entitlement_is_held_until_its_last_day(self, session, home, clerk):
        case = open_case(session, home, clerk, "S05")
        entitle(session, home, "S06", Range(date(2025, 11, 23), TODAY))
        assert codes(session, case) == []

        entitle(session, home, "S06", Range(TODAY, TODAY + timedelta(days=1)))
        assert codes(session, case) == [("A06", Grade.DOUBT)]

        entitle(session, home, "S06", Range(date(2027, 1, 1), None))
        until = [one.until for one in facts(session, case).holdings if one.scheme_code == "S06"]
        assert until == [None]

    def test_what_was_replaced_before_it_ran_is_not_held(self, session, home, clerk):
        case = open_case(session, home, clerk, "S05")
        entitle(session, home, "S06", Range(date(2025, 11, 23), TODAY))
        entitle(session, home, "S06", Range(empty=True))

        assert codes(session, case) == []

    def test_of_what_was_given_several_times_the_last_counts(self, session, home, clerk):
        case = open_case(session, home, clerk, "S04")
        for day in (date(2026, 3, 2), date(2026, 5, 4), date(2026, 4, 3)):
            entitle(session, home, "S03", Range(day, day + timedelta(days=1)))

        until = [one.until for one in facts(session, case).holdings if one.scheme_code == "S03"]

        assert until == [date(2026, 5, 5)]
        assert codes(session, case) == [("A06", Grade.DOUBT)]

    def test_the_dead_hold_nothing(self, session, home, case):
        elder = make_home(session, name="张父")
        move_in(session, elder, home, "51")
        entitle(session, elder, "S05", Range(date(2026, 1, 1), None))
        session.execute(update(Person).where(Person.id == elder.person_id).values(died_on=TODAY))

        assert codes(session, case) == [("A03", Grade.NOTE)]


class TestSharing:
    def share(self, session, home, column, count):
        others = [make_home(session, address=f"某路{n}号") for n in range(count)]
        mine = session.get_one(Person, home.person_id)
        for other in others:
            session.execute(
                update(Person)
                .where(Person.id == other.person_id)
                .values({column: getattr(mine, column)})
            )
        return others

    @pytest.mark.parametrize(
        ("column", "most", "code"), [("account", 1, "A23"), ("phone", 5, "A25")]
    )
    def test_households_that_share_a_value_are_counted(
        self, session, case, home, column, most, code
    ):
        others = self.share(session, home, column, most)
        assert codes(session, case) == [(code, Grade.DOUBT)]
        assert getattr(facts(session, case).shared, column) == most + 1

        move_in(session, others[0], home, "20")  # a child uses the parents'
        assert code not in {one for one, _ in codes(session, case)}

    def test_households_of_one_village_at_one_address_are_counted(self, session, case, home):
        address = session.get_one(Household, home.id).address
        for _ in range(2):
            make_home(session, address=address)
        make_home(session, address=address, region=210303001001)
        assert facts(session, case).shared.address == 3
        assert codes(session, case) == []

        make_home(session, address=address)
        assert codes(session, case) == [("A24", Grade.NOTE)]


def test_the_day_of_the_newest_data_check_counts(session, case):
    stage = session.scalars(select(CaseStage).where(CaseStage.case_id == case.id)).first()
    stage.kind, stage.status, stage.ended_at = StageKind.DATA_CHECK, StageStatus.ENDED, START
    assert facts(session, case).reported_on == TODAY

    later = START + timedelta(days=190)
    assert ("A19", Grade.DOUBT) in codes(session, case, later)
    assert "A19" not in {code for code, _ in codes(session, case, START)}


def test_who_of_the_staff_filed_this_year_is_left_alone(session, case, clerk):
    assert list(facts(session, case).unfiled) == [clerk.id]

    session.add(
        KinFiling(
            id=new_id(START), account_id=clerk.id, year=2026, own_number_id=new_id(START),
            filed_at=START,
        )
    )  # fmt: skip
    assert facts(session, case).unfiled == {}


def test_an_authorisation_counts_from_its_newest_day(session, case, home):
    assert facts(session, case).authorised == {home.person_id: TODAY}


class TestRuns:
    def test_as_many_statements_for_many_cases_as_for_one(self, session, clerk, assert_queries):
        cases = []
        for number in range(6):
            home = make_home(session, address=f"某路{number}号", marital="20")
            cases.append(open_case(session, home, clerk, "S09"))
        session.execute(CaseFinding.__table__.delete())
        session.flush()
        for some in (cases[:1], cases[1:]):
            forget(session)
            with assert_queries(29):
                running.run(session, some, now=START)
            session.flush()

        assert session.scalar(select(func.count()).select_from(CaseFinding)) == 12

    def test_what_is_found_again_stays_and_what_is_gone_is_closed(self, session, home, clerk):
        session.execute(update(Person).where(Person.id == home.person_id).values(marital="20"))
        case = open_case(session, home, clerk, "S09")
        found = select(CaseFinding).where(
            CaseFinding.case_id == case.id, CaseFinding.check_code == "A08"
        )
        first = session.scalars(found).one()
        assert (first.due_on, first.rule) == (date(2026, 11, 26), "民发〔2021〕57号第七条")

        assert codes(session, case) == [("A08", Grade.DOUBT)]
        assert [one.id for one in session.scalars(found)] == [first.id]

        session.execute(update(Person).where(Person.id == home.person_id).values(marital="30"))
        later = START + timedelta(days=1)
        assert codes(session, case, later) == []
        assert session.scalars(found).one().gone_at == later

        session.execute(update(Person).where(Person.id == home.person_id).values(marital="20"))
        codes(session, case, later)
        assert len(session.scalars(found).all()) == 2

    def test_other_evidence_is_another_finding(self, session, case, home):
        def counted():
            return session.execute(
                select(CaseFinding.evidence, CaseFinding.gone_at.is_(None))
                .where(CaseFinding.check_code == "A23")
                .order_by(CaseFinding.gone_at.nulls_last())
            ).all()

        TestSharing().share(session, home, "account", 1)
        codes(session, case)
        TestSharing().share(session, home, "account", 1)
        codes(session, case)

        assert [tuple(row) for row in counted()] == [
            ({"households": 2}, False), ({"households": 3}, True),
        ]  # fmt: skip


def test_whom_the_registry_knows_no_more_is_a_doubt(session, case):
    case.person_id = uuid.UUID(int=1)

    assert codes(session, case) == [("A01", Grade.DOUBT), ("A07", Grade.BLOCK)]


def test_of_no_cases_nothing_is_found(session):
    assert running.run(session, [], now=START) == {}
