"""How many households have an account: told with it, and a doubt of the case."""

from sqlalchemy import select

from relief.core.privacy import store
from relief.registry.models import Person
from relief.review.checks.models import CaseFinding
from tests.api.test_changes import done
from tests.api.test_payees import case, confirm, enter, home, take_back
from tests.support.applicants import BORN
from tests.support.paying import payee
from tests.support.settings import CIPHER

__all__ = ["case", "home"]  # the fixtures


def test_an_account_of_two_households_is_a_doubt_and_an_institution_s_is_none(
    office, session, case
):
    other = office.apply("S07", office.household(born_on=BORN["S07"]))["case"]["id"]
    done(enter(office, other, payee()))
    assert office.show(other)["payees"]["rows"][0]["households"] == 1
    detail = done(enter(office, case, payee()))

    assert detail["payees"]["rows"][0]["households"] == 2
    [found] = session.scalars(select(CaseFinding).where(CaseFinding.check_code == "A23"))
    assert str(found.case_id) == case
    assert "2 户" in found.message

    school = {"kind": "school", "form": "corporate", "holder": "某某小学"}
    third = office.apply("S07", office.household(born_on=BORN["S07"]))["case"]["id"]
    detail = done(enter(office, third, payee() | school))
    assert detail["payees"]["rows"][0]["households"] == 0


def test_only_of_the_new_account_is_told_how_many_have_it(office, case):
    other = office.apply("S07", office.household(born_on=BORN["S07"]))["case"]["id"]
    done(enter(office, other, payee()))
    done(enter(office, case, payee()))
    done(confirm(office, case))
    detail = done(enter(office, case, payee(9)))

    assert [one["households"] for one in detail["payees"]["rows"]] == [1, 2]


def test_what_is_taken_back_is_no_doubt_any_more(office, session, case):
    other = office.apply("S07", office.household(born_on=BORN["S07"]))["case"]["id"]
    done(enter(office, other, payee()))
    done(enter(office, case, payee()))
    done(take_back(office, case))

    [found] = session.scalars(select(CaseFinding).where(CaseFinding.check_code == "A23"))
    assert found.gone_at is not None


def test_the_registry_knows_whose_account_it_is_too(office, session, case):
    stranger = office.household(born_on=BORN["S07"])
    number = store.reveal(
        session, CIPHER, [session.get_one(Person, stranger.person_id).account]
    ).popitem()[1]

    detail = done(enter(office, case, payee(form="passbook", number=number)))

    assert detail["payees"]["rows"][0]["households"] == 2
