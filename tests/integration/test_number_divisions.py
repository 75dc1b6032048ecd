"""Identity numbers that begin with no known division, from the file to the doubt (A01)."""

import pytest
from sqlalchemy import delete, select

from relief.core import citizen_id
from relief.core.findings import Grade
from relief.organisation.models import NumberDivision
from relief.registry.models import Person, SourceIdentity, UnplacedNumber
from relief.review.checks import running
from relief.review.models import Case
from tests import factories
from tests.support.files import s01, write_csv
from tests.support.settings import CIPHER, START

NOWHERE, ABOLISHED, TODAYS = "999999", "210322", "210302"


def number(prefix, sequence="101"):
    first17 = f"{prefix}19800304{sequence}"
    return first17 + citizen_id.check_character(first17)


def unplaced(session):
    return set(session.scalars(select(UnplacedNumber.citizen_id)))


def of(session, name):
    return session.scalar(
        select(SourceIdentity.citizen_id)
        .where(SourceIdentity.name == name)
        .order_by(SourceIdentity.id.desc())
    )


@pytest.fixture
def loaded(session, load, tmp_path):
    """Four people of one file: by today's division, a former one, none; and a bad number."""
    bad = number(NOWHERE)[:17] + ("1" if number(NOWHERE)[17] != "1" else "2")
    rows = [
        s01(姓名="王今", 身份证号=number(TODAYS)),
        s01(姓名="王昔", 身份证号=number(ABOLISHED)),
        s01(姓名="王无", 身份证号=number(NOWHERE)),
        s01(姓名="王误", 身份证号=bad),
        s01(姓名="王空", 身份证号=""),
    ]
    return load(write_csv(tmp_path / "低保.csv", rows))


def test_only_a_valid_number_of_no_division_that_ever_was_is_noted(session, loaded):
    assert loaded.loaded == 5
    assert unplaced(session) == {of(session, "王无")}


def test_a_division_that_becomes_known_takes_the_note_back_with_the_next_file(
    session, loaded, load, tmp_path
):
    session.add(NumberDivision(code=int(NOWHERE), name="新区"))
    session.flush()

    load(
        write_csv(
            tmp_path / "新.csv",
            [s01(姓名="王无", 身份证号=number(NOWHERE), 发放月份="2026年03月")],
        )
    )

    assert unplaced(session) == set()


def test_it_is_a_doubt_in_a_case_and_a_note_of_another_number_is_none(session):
    home = factories.make_household(session, CIPHER, schemes=("S14",), marital="10")
    other = factories.make_household(session, CIPHER, schemes=("S14",), name="李四")
    clerk = factories.make_account(session, None, department="D01")
    case = session.get_one(
        Case, factories.make_case(session, home, scheme="S01", entered_by=clerk.id)
    )

    def codes():
        looked = running.run(session, [case], now=START)[case.id]
        return [(one.check, one.grade) for one in looked.findings if one.check != "A10"]

    def note(one):
        session.execute(delete(UnplacedNumber))
        session.add(UnplacedNumber(citizen_id=session.get_one(Person, one.person_id).citizen_id))
        session.flush()

    note(other)
    assert codes() == []
    note(home)
    assert codes() == [("A01", Grade.DOUBT)]
