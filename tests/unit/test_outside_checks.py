"""What the checks over outside registers find, and what they just do not: edges on both sides."""

import uuid
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from relief.core.findings import Grade
from relief.registers.entries import (
    Balance,
    Business,
    CadrePost,
    DisabilityCertificate,
    FiscalPost,
    House,
    Insurance,
    Pension,
    ProvidentFund,
    Vehicle,
)
from relief.registers.types import (
    AssetKind,
    BusinessRole,
    HouseUse,
    InsuranceKind,
    PensionKind,
    Register,
    State,
    VehicleKind,
)
from relief.review.checks import every
from relief.review.checks.outside import Outside, Related
from tests.unit.test_checks import (
    CHILD,
    ELDER,
    OUTSIDE,
    REFERENCE,
    RULES,
    TODAY,
    facts,
    found,
    member,
)

NOTE, DOUBT, BLOCK = Grade.NOTE, Grade.DOUBT, Grade.BLOCK
ONE, TWO, NUMBER, CHILD_ID = member().id, ELDER.id, uuid.UUID(int=71), uuid.UUID(int=72)
CLERK, VILLAGE = uuid.UUID(int=50), 210302002001
MONTH = date(2026, 11, 1)  # of the application
FUND = {"employer": "某厂", "base_fen": 400_000, "paid_from": date(2020, 1, 1)}


def entry(made, register, person=ONE, **given):
    plain = {
        "register": register, "person_id": person, "number_id": NUMBER, "name": "张三",
        "batch_id": uuid.UUID(int=60), "row_number": 5, "data_on": date(2026, 11, 10),
        "state": State.VALID,
    }  # fmt: skip
    return made(**plain | given)


def seen(*entries, scheme="S01", holders=(), related=(), declared=(), **given):
    """A family of three, of which the registers say this."""
    by_person = {}
    for one in entries:
        by_person.setdefault(one.person_id, []).append(one)
    told = Outside(
        entries=by_person, holders=holders, related=related, declared=declared,
        numbers={ONE: NUMBER, CHILD.id: CHILD_ID, TWO: uuid.UUID(int=73)},
    )  # fmt: skip
    plain = {"family": [CHILD, ELDER], "region_code": VILLAGE}
    return facts(scheme, **plain | given, outside=told)


def post(**given):
    return entry(FiscalPost, Register.FISCAL_STAFF, **{
        "employer": "某局", "from_on": date(2020, 1, 1), "to_on": None, "pay_fen": 500_000,
    } | given)  # fmt: skip


def cadre(**given):
    return entry(CadrePost, Register.CADRES, **{
        "committee": "解放社区", "region_code": VILLAGE, "from_on": date(2020, 1, 1), "to_on": None,
    } | given)  # fmt: skip


def car(kind=VehicleKind.PASSENGER_CAR, **given):
    return entry(Vehicle, Register.VEHICLES, **{
        "kind": kind, "value_fen": None, "from_on": date(2024, 1, 1), "to_on": None,
    } | given)  # fmt: skip


def house(number=1, area=5000, bought=date(2000, 1, 1), **given):
    return entry(House, Register.REAL_ESTATE, **{
        "house_id": uuid.UUID(int=number), "use": HouseUse.DWELLING, "address": "某路1号",
        "area_dm2": area, "from_on": bought, "to_on": None,
    } | given)  # fmt: skip


def business(turnover, **given):
    return entry(Business, Register.BUSINESSES, **{
        "business": "小卖店", "role": BusinessRole.SOLE_TRADER, "turnover_fen": turnover,
        "from_on": date(2020, 1, 1), "to_on": None,
    } | given)  # fmt: skip


def fund(paid_to=None, **given):
    return entry(ProvidentFund, Register.PROVIDENT_FUND, **FUND | {"paid_to": paid_to} | given)


def insured(kind=InsuranceKind.PENSION, paid_to=None, **given):
    return entry(
        Insurance, Register.SOCIAL_INSURANCE, kind=kind, **FUND | {"paid_to": paid_to} | given
    )


def pension(amount, kind=PensionKind.EMPLOYEE, **given):
    return entry(Pension, Register.PENSIONS, TWO, **{
        "kind": kind, "amount_fen": amount, "from_on": date(2015, 1, 1), "to_on": None,
    } | given)  # fmt: skip


def account(fen, **given):
    return entry(Balance, Register.BALANCES, **{
        "kind": AssetKind.DEPOSIT, "institution": "某银行", "account_id": uuid.UUID(int=80),
        "balance_fen": fen, "balance_on": date(2026, 10, 31),
    } | given)  # fmt: skip


def certificate(**given):
    return entry(DisabilityCertificate, Register.DISABILITY_CERTIFICATES, **{
        "number_agrees": True, "kind": "1", "grade": "4", "from_on": date(2020, 1, 1),
        "to_on": date(2030, 1, 1),
    } | given)  # fmt: skip


def kin(**given):
    plain = {
        "member_id": ONE, "name": "李经办", "relation": "70", "close": True,
        "register": Register.HOUSEHOLD_REGISTER, "since": date(2001, 1, 1),
        "data_on": date(2026, 11, 10), "account_id": CLERK,
    }  # fmt: skip
    return Related(**plain | given)


def known(income, **more):
    return {"found": {"household_income_month": income} | more}


LEFT = {"to_on": date(2026, 10, 31), "state": State.ENDED}
CASES = {
    "A09": [
        (seen(related=[kin()]), [DOUBT]),
        (seen(related=[kin(filed=True)]), []),
        (seen(related=[kin()], declared=["李经办"]), []),
        (seen(related=[kin(close=False)]), []),  # a lodger of the same booklet
        (seen(related=[kin(account_id=None)]), []),  # handles no such case there
        (seen(related=[kin(account_id=None, posts=[cadre()])]), [DOUBT]),
        (seen(related=[kin(account_id=None, posts=[cadre(**LEFT)])]), []),
        (seen(related=[kin(account_id=None, posts=[cadre(region_code=210302003001)])]), []),
    ],
    "A11": [
        (seen(post()), [DOUBT]),
        (seen(post(to_on=MONTH, state=State.ENDED)), [DOUBT]),  # in office on its first day
        (seen(post(**LEFT)), []),
        (seen(post(state=State.ENDED)), []),  # left, and nobody says when
        (seen(post(from_on=date(2026, 11, 30))), [DOUBT]),
        (seen(post(from_on=date(2026, 12, 1))), []),
        (seen(post(), scheme="S14"), []),  # which asks for no means
    ],
    "A12": [
        (seen(cadre(), scheme="S14"), [NOTE]),
        (seen(related=[kin(account_id=None, posts=[cadre()])]), [NOTE]),
        (seen(cadre(**LEFT)), []),
        (seen(related=[kin(posts=[cadre(**LEFT)])]), []),
    ],
    "A13": [
        (seen(car()), [DOUBT]),
        (seen(car(VehicleKind.DISABILITY_SCOOTER, value_fen=9_000_000)), []),
        (seen(car(VehicleKind.FARM_MACHINE, value_fen=9_000_000)), []),
        (seen(car(VehicleKind.MOTORCYCLE, value_fen=2_000_000)), []),  # just as much as it may
        (seen(car(VehicleKind.MOTORCYCLE, value_fen=2_000_001)), [DOUBT]),
        (seen(car(VehicleKind.LORRY)), []),  # of which nobody knows the value
        (seen(car(state=State.ENDED)), []),
        (seen(car(to_on=date(2026, 11, 22))), []),  # sold yesterday
        (seen(car(to_on=TODAY)), [DOUBT]),
        (seen(car(), scheme="S09"), []),
    ],
    "A14": [
        (seen(house(area=9000)), []),  # three people, thirty square metres each
        (seen(house(area=9001)), [DOUBT]),
        (seen(house(1), house(2, 3000)), [DOUBT]),
        (seen(house(1), house(1, person=TWO)), []),  # both have a part in it
        (seen(house(1), house(2, use=HouseUse.OTHER)), []),
        (seen(house(1), house(2, state=State.ENDED)), []),
        (seen(house(bought=date(2024, 11, 23))), []),
        (seen(house(bought=date(2024, 11, 24))), [DOUBT]),
        (seen(house(1, 9001), house(2), scheme="S09"), []),
    ],
    "A15": [
        (seen(business(6_000_000)), [NOTE]),
        (seen(business(6_000_001)), [DOUBT]),
        (seen(business(None)), [DOUBT]),
        (seen(business(None, state=State.ENDED)), []),
        (seen(business(None, to_on=date(2026, 11, 22))), []),
        (seen(business(None), scheme="S14"), []),
    ],
    "A16": [
        (seen(fund(), **known(0)), [DOUBT]),
        (seen(insured(), found={"no_income_source": 1}), [DOUBT]),
        (seen(fund()), [NOTE]),  # nothing was found out yet
        (seen(fund(), **known(400_000)), []),
        (seen(fund(), **known(399_999)), [DOUBT]),
        (seen(fund(base_fen=80_000), **known(0)), []),  # the urban standard itself
        (seen(fund(base_fen=80_001), **known(0)), [DOUBT]),
        (seen(fund(base_fen=80_000), **known(0, urban_household=0)), [DOUBT]),
        (seen(fund(date(2026, 5, 1)), **known(0)), [DOUBT]),  # six months before November
        (seen(fund(date(2026, 4, 1)), **known(0)), []),
        (seen(fund(state=State.SUSPENDED), **known(0)), []),
        (seen(fund(), insured(), **known(0)), [DOUBT]),  # one for each person
        (seen(fund(), scheme="S14", **known(0)), []),
    ],
    "A17": [
        (seen(pension(150_000), **known(0)), [DOUBT]),
        (seen(pension(150_000)), [NOTE]),
        (seen(pension(150_000), **known(150_000)), []),
        (seen(pension(150_000), **known(149_999)), [DOUBT]),
        (seen(pension(150_000, state=State.SUSPENDED), **known(0)), []),
        (seen(pension(150_000, to_on=date(2026, 11, 22)), **known(0)), []),
        (seen(pension(14_300, PensionKind.RESIDENT), **known(0)), []),  # what is not counted
        (seen(pension(14_301, PensionKind.RESIDENT), **known(0)), [DOUBT]),
        (seen(pension(180_000, PensionKind.HEATING), **known(0)), []),  # no monthly income
        (seen(pension(600_000, PensionKind.FUNERAL), **known(0)), []),
        (seen(pension(150_000), scheme="S14", **known(0)), []),
    ],
    "A18": [
        (seen(account(5_760_000)), []),  # three people
        (seen(account(5_760_001)), [DOUBT]),
        (seen(account(3_000_000), account(3_000_000, person_id=TWO)), [DOUBT]),
        (seen(account(9_000_000, state=State.ENDED)), []),
        (seen(account(9_000_000), scheme="S14"), []),
    ],
    "A21": [
        (seen(certificate(), scheme="S09"), []),
        (seen(certificate(number_agrees=False), scheme="S09"), [DOUBT]),
        (seen(certificate(kind="7"), scheme="S09"), []),
        (seen(certificate(kind="8"), scheme="S09"), [DOUBT]),
        (seen(certificate(grade="5"), scheme="S10"), [DOUBT]),
        (seen(certificate(state=State.SUSPENDED), scheme="S10"), [DOUBT]),
        (seen(certificate(to_on=TODAY), scheme="S09"), []),
        (seen(certificate(to_on=date(2026, 11, 22)), scheme="S09"), [DOUBT]),
        (seen(certificate(state=State.ENDED), certificate(), scheme="S09"), []),  # renewed
        (seen(certificate(person_id=TWO, grade="5"), scheme="S09"), []),  # another's
        (seen(certificate(grade="5"), scheme="S01"), []),
    ],
    "A22": [
        (seen(holders=[account(0, number_id=uuid.UUID(int=99), name="赵六")]), [DOUBT]),
        (seen(holders=[account(0)]), []),
        (seen(holders=[account(0, number_id=uuid.UUID(int=73))]), []),  # of the household
        (seen(holders=[account(0, number_id=uuid.UUID(int=73))], scheme="S09"), [DOUBT]),
        (seen(holders=[account(0, number_id=CHILD_ID)]), [DOUBT]),  # a child's
        (seen(holders=[account(0, number_id=CHILD_ID, state=State.ENDED)]), []),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "looked_at", "grades"),
    [(code, *line) for code, lines in CASES.items() for line in lines],
)
def test_a_check_finds_what_it_should_and_no_more(code, looked_at, grades):
    assert [grade for grade, _ in found(code, looked_at)] == grades


def test_each_has_a_hit_and_a_near_miss():
    assert CASES.keys() == OUTSIDE
    assert all([] in [grades for _, grades in lines] for lines in CASES.values())


def test_a_childs_aid_may_go_to_an_adult_of_the_family():
    child = replace(CHILD, id=ONE)
    told = Outside(
        holders=[account(0, number_id=uuid.UUID(int=73))], numbers={TWO: uuid.UUID(int=73)}
    )

    assert found("A22", facts("S09", one=child, family=[ELDER], outside=told)) == []
    assert len(found("A22", facts("S09", family=[ELDER], outside=told))) == 1


def test_a_guardian_who_was_entered_may_and_nobody_else_of_another_name():
    told = Outside(holders=[account(0, number_id=uuid.UUID(int=99), name="赵六")], guardian="赵六")

    assert found("A22", facts("S09", outside=told)) == []
    assert len(found("A22", facts("S09", outside=replace(told, guardian="钱七")))) == 1


def test_the_evidence_names_the_entry_its_day_and_the_dated_limit():
    dated = replace(REFERENCE, dated={"veh_cap": "2026-01-01 起，某规定"})
    looked = replace(seen(car(VehicleKind.MOTORCYCLE, value_fen=2_500_000)), reference=dated)
    [one] = every.find(looked, {"A13": RULES["A13"]})

    assert one.evidence == {
        "member": "张三",
        "register": "机动车登记",
        "entry": "2026-11-10 的数据第 5 行",
        "since": "2024-01-01",
        "kind": "摩托车",
        "amount": "25000.00 元",
        "limit": "20000 元（2026-01-01 起，某规定）",
    }


def test_a_higher_limit_from_another_day_is_another_answer():
    higher = replace(REFERENCE, numbers={**REFERENCE.numbers, "veh_cap": Decimal(30000)})
    looked = seen(car(VehicleKind.MOTORCYCLE, value_fen=2_500_000))

    assert len(found("A13", looked)) == 1
    assert found("A13", replace(looked, reference=higher)) == []
