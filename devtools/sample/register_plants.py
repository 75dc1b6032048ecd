"""What is planted in the outside registers, and what only looks alike.

For the checks of a case, and for the rosters that are drawn from two of them. Each kind makes the
entries of one resident. A near miss is what must be passed over: an entry that ended, one of a
namesake with a number of their own, a thing that the rule leaves out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from relief.registers.types import Register

Row = tuple[Register, Mapping[str, Any]]
_ADULT, _OLD = 18, 60


@dataclass(frozen=True, slots=True)
class Resident:
    """Someone of the sample, or an outsider with a name and a number."""

    p: int
    h: int
    name: str
    number: str
    sex: str
    born: date
    role: str
    relation: str
    has_spouse: bool
    county: str
    township: str
    village: str
    account: str
    died_on: date | None
    disability: int | None
    grade: int
    relieved_m: int | None  # the month of the newest line on the list of disaster relief
    helped: bool  # on the list of households monitored against poverty, at any time

    def is_aged(self, youngest: int, oldest: int = 150) -> bool:
        """Tell whether the age in years, as of the sample's last year, lies between."""
        return youngest <= 2026 - self.born.year <= oldest

    @property
    def serial(self) -> str:
        """Return what the registers' own numbers are made of."""
        return f"{self.p + 1:07d}"

    @property
    def booklet(self) -> str:
        """Return the number of the household register booklet."""
        return f"2103{self.h + 1:08d}"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: for which rule, who fits, and which entries it makes of them and an outsider."""

    rule: str
    kind: str
    what: str
    fits: Callable[[Resident], bool]
    make: Callable[[Resident, Resident], Sequence[Row]]
    planted: bool = True
    also: Mapping[str, bool] = field(default_factory=dict)  # for other rules: planted, or near
    namesake: bool = True  # the outsider is given the resident's name


def _worker(one: Resident) -> bool:
    return one.is_aged(_ADULT + 2, _OLD - 5)


def _adult(one: Resident) -> bool:
    return one.is_aged(_ADULT + 2)


def _elder(one: Resident) -> bool:
    return one.is_aged(_OLD + 1)


def _alone(one: Resident) -> bool:
    return one.role == "H" and not one.has_spouse and one.is_aged(_ADULT + 7)


def _of(one: Resident, **fields: Any) -> dict[str, Any]:
    return {"number": one.number, "name": one.name} | fields


def _post(one: Resident, **fields: Any) -> Row:
    usual = {"place": "某中学", "amount": 650_000, "from_on": date(2015, 9, 1), "state": "valid"}
    return Register.FISCAL_STAFF, _of(one, **usual | fields)


def _cadre(one: Resident, **fields: Any) -> Row:
    usual = {
        "place": one.village, "county": one.county, "township": one.township,
        "village": one.village, "from_on": date(2021, 3, 1),
    }  # fmt: skip
    return Register.CADRES, _of(one, **usual | fields)


def _cadre_at(one: Resident, other: Resident, **fields: Any) -> Row:
    """Return that an outsider is a cadre of the resident's own village."""
    place = {"county": one.county, "township": one.township, "village": one.village}
    return _cadre(other, place=one.village, **place | fields)


def _cadre_away(other: Resident) -> Row:
    """Return that an outsider is a cadre in the township that is nobody's of these cases."""
    county, township, village = _AWAY
    return _cadre(other, place=village, county=county, township=township, village=village)


def _vehicle(one: Resident, kind: str, fen: int | None, **fields: Any) -> Row:
    usual = {
        "thing": f"辽C{one.serial}", "kind": kind, "amount": fen, "from_on": date(2023, 4, 12),
        "state": "valid",
    }  # fmt: skip
    return Register.VEHICLES, _of(one, **usual | fields)


def _house(one: Resident, place: int, area: int, **fields: Any) -> Row:
    usual = {
        "thing": f"辽（2016）鞍山不动产权第{one.serial}{place}号",
        "group": f"2103{one.serial}{place}",
        "place": f"{one.village}{place}号楼", "kind": "dwelling", "area": area,
        "from_on": date(2008, 6, 18), "state": "valid",
    }  # fmt: skip
    return Register.REAL_ESTATE, _of(one, **usual | fields)


def _business(one: Resident, kind: str, fen: int, **fields: Any) -> Row:
    usual = {
        "thing": f"92210300MA{one.serial}X", "place": f"{one.village}便民商店", "kind": kind,
        "amount": fen, "from_on": date(2019, 1, 15), "state": "valid",
    }  # fmt: skip
    return Register.BUSINESSES, _of(one, **usual | fields)


def _fund(one: Resident, to_on: date, **fields: Any) -> Row:
    usual = {
        "thing": f"G{one.serial}", "place": "某某公司", "amount": 900_000,
        "from_on": date(2020, 1, 1), "to_on": to_on, "state": "valid",
    }  # fmt: skip
    return Register.PROVIDENT_FUND, _of(one, **usual | fields)


def _insured(one: Resident, to_on: date, **fields: Any) -> Row:
    usual = {
        "kind": "pension", "place": "某某公司", "amount": 900_000, "from_on": date(2020, 1, 1),
        "to_on": to_on, "state": "valid",
    }  # fmt: skip
    return Register.SOCIAL_INSURANCE, _of(one, **usual | fields)


def _pension(one: Resident, **fields: Any) -> Row:
    usual = {"kind": "employee", "amount": 280_000, "from_on": date(2021, 7, 1), "state": "valid"}
    return Register.PENSIONS, _of(one, **usual | fields)


def funeral_grant(one: Resident, on: date) -> Row:
    """Return that the insurance paid for a funeral, under the number of who died."""
    return _pension(one, kind="funeral", amount=600_000, from_on=on)


def balance(one: Resident, kind: str, fen: int, account: str) -> Row:
    """Return what an account holds."""
    return Register.BALANCES, _of(
        one, place="某银行", kind=kind, account=account, amount=fen, from_on=date(2026, 10, 20)
    )


def death(one: Resident, on: date, kind: str = "police") -> Row:
    """Return that someone died."""
    return Register.DEATHS, _of(one, kind=kind, from_on=on)


def residence(one: Resident, booklet: str, relation: str, **fields: Any) -> Row:
    """Return that someone stands in a booklet."""
    return Register.HOUSEHOLD_REGISTER, _of(one, group=booklet, relation=relation, **fields)


def marriage(one: Resident, other: Resident, **fields: Any) -> Row:
    """Return that two people married."""
    man, woman = (one, other) if one.sex == "1" else (other, one)
    usual = {
        "thing": f"J210300-{one.serial}", "other_name": woman.name, "other_number": woman.number,
        "from_on": date(2012, 5, 20),
    }  # fmt: skip
    return Register.MARRIAGES, _of(man, **usual | fields)


def certificate(one: Resident, **fields: Any) -> Row:
    """Return someone's certificate of a disability."""
    ends = f"{one.disability or 4}{min(one.grade, 4)}"
    usual = {
        "certificate": f"{one.number}{ends}", "from_on": date(2020, 5, 17),
        "to_on": date(2030, 5, 16), "state": "valid",
    }  # fmt: skip
    return Register.DISABILITY_CERTIFICATES, _of(one, **usual | fields)


def _hit(one: Resident, **fields: Any) -> Row:
    usual = {
        "group": "ZH202608-01", "place": "2026年8月洪涝灾害", "from_on": date(2026, 8, 3),
        "amount": 1_860_000, "kind": "unable", "state": "valid",
    }  # fmt: skip
    return Register.DISASTER_VICTIMS, _of(one, **usual | fields)


def _hit_before_relief(one: Resident) -> Row:
    """Return that someone was hit in the month in which their household was helped."""
    year, month = divmod(one.relieved_m or 0, 12)
    event = f"{year}年{month + 1}月风雹灾害"
    number = f"ZH{year}{month + 1:02d}-02"
    return _hit(one, group=number, place=event, from_on=date(year, month + 1, 1))


def _monitored(one: Resident, **fields: Any) -> Row:
    usual = {
        "group": f"JC{one.h + 1:07d}", "kind": "marginal", "place": "因病", "state": "valid",
        "from_on": date(2026, 9, 15),
    }  # fmt: skip
    return Register.MONITORED_HOUSEHOLDS, _of(one, **usual | fields)


def _rural_head(one: Resident) -> bool:
    return _head(one) and not one.village.endswith("社区")


def _unhelped_head(one: Resident) -> bool:
    return _rural_head(one) and one.relieved_m is None and not one.helped


def _relieved_head(one: Resident) -> bool:
    return _head(one) and one.relieved_m is not None and one.relieved_m >= _THIS_YEAR


def _helped_head(one: Resident) -> bool:
    return _head(one) and one.helped


def _disabled(one: Resident) -> bool:
    return one.disability is not None


def _head(one: Resident) -> bool:
    return one.role == "H" and _adult(one)


def _head_elsewhere(one: Resident) -> bool:
    return _head(one) and (one.county, one.township) != _AWAY[:2]


# What an outsider is to the head of the booklet in which they stand, GB/T 4761.
_SIBLING, _IN_LAW = "70", "74"
_AWAY = ("铁东区", "解放街道", "解放社区")
_NOW, _BEFORE = date(2026, 10, 1), date(2025, 9, 1)
_THIS_YEAR = 2026 * 12  # its first month, counted as the sample counts months
_OWN_OF_OTHER = "账户登记在他人名下"

KINDS = (
    Kind("A03", "dead", "公安已注销户籍，名册中仍在世", _elder,
         lambda one, _: [death(one, date(2026, 6, 11))]),
    Kind("A03", "dead_namesake", "死者是同名的另一人", _elder,
         lambda _, other: [death(other, date(2026, 6, 11))], planted=False),
    Kind("A08", "spouse", "婚姻登记有配偶，家庭成员中没有", _alone,
         lambda one, other: [marriage(one, other)]),
    Kind("A08", "divorced", "已经离婚", _alone,
         lambda one, other: [marriage(one, other, to_on=date(2019, 8, 8))], planted=False),
    Kind("A11", "on_payroll", "在职财政供养人员", _worker, lambda one, _: [_post(one)]),
    Kind("A11", "left_payroll", "早已离职", _worker,
         lambda one, _: [_post(one, state="ended", to_on=date(2019, 6, 30))], planted=False),
    Kind("A11", "payroll_namesake", "在职的是同名的另一人", _worker,
         lambda _, other: [_post(other)], planted=False),
    Kind("A12", "cadre", "现任村（社区）干部", _adult, lambda one, _: [_cadre(one)]),
    Kind("A12", "former_cadre", "已经免职", _adult,
         lambda one, _: [_cadre(one, to_on=date(2024, 2, 28))], planted=False),
    Kind("A13", "car", "名下有轿车", _adult,
         lambda one, _: [_vehicle(one, "passenger_car", 15_000_000)]),
    Kind("A13", "scooter", "残疾人专用车", _disabled,
         lambda one, _: [_vehicle(one, "disability_scooter", 600_000)], planted=False),
    Kind("A13", "tractor", "拖拉机是生产工具", _worker,
         lambda one, _: [_vehicle(one, "farm_machine", 800_000)], planted=False),
    Kind("A13", "scrapped_car", "轿车已报废注销", _adult,
         lambda one, _: [_vehicle(one, "passenger_car", 100_000, state="ended",
                                  to_on=date(2024, 11, 5))], planted=False),
    Kind("A14", "two_houses", "名下有两套住房", _adult,
         lambda one, _: [_house(one, 1, 6_500), _house(one, 2, 8_800)]),
    Kind("A14", "bought_lately", "两年内购房", _adult,
         lambda one, _: [_house(one, 1, 5_500, from_on=date(2026, 3, 9))]),
    Kind("A14", "one_house", "只有一套多年前登记的小住房", _adult,
         lambda one, _: [_house(one, 1, 4_800)], planted=False),
    Kind("A14", "sold_house", "另一套早已转让", _adult,
         lambda one, _: [_house(one, 1, 4_500), _house(one, 2, 9_000, state="ended",
                                                       to_on=date(2015, 3, 3))], planted=False),
    Kind("A15", "trader", "经营中的个体工商户，销售额高", _worker,
         lambda one, _: [_business(one, "sole_trader", 60_000_000)]),
    Kind("A15", "representative", "存续企业的法定代表人", _worker,
         lambda one, _: [_business(one, "legal_representative", 0)]),
    Kind("A15", "closed_business", "个体工商户已注销", _worker,
         lambda one, _: [_business(one, "sole_trader", 0, state="ended",
                                   to_on=date(2022, 12, 1))], planted=False),
    Kind("A16", "fund", "正以高基数缴存公积金", _worker, lambda one, _: [_fund(one, _NOW)]),
    Kind("A16", "insured", "正以高基数缴纳职工社保", _worker,
         lambda one, _: [_insured(one, _NOW)]),
    Kind("A16", "sealed_fund", "公积金一年前已封存", _worker,
         lambda one, _: [_fund(one, _BEFORE, state="suspended")], planted=False),
    Kind("A16", "insurance_ended", "社保一年前已停缴", _worker,
         lambda one, _: [_insured(one, _BEFORE, state="ended")], planted=False),
    Kind("A17", "pension", "正在领取企业职工养老金", _elder, lambda one, _: [_pension(one)]),
    Kind("A17", "pension_stopped", "养老金已停发", _elder,
         lambda one, _: [_pension(one, state="ended", to_on=date(2024, 5, 31))], planted=False),
    Kind("A17", "heating_only", "只随养老待遇领取采暖补贴，不是养老金", _elder,
         lambda one, _: [_pension(one, kind="heating", amount=180_000)], planted=False),
    Kind("A18", "rich", "银行存款和证券合计很高", _adult,
         lambda one, _: [balance(one, "deposit", 26_000_000, f"62999988{one.serial}1"),
                         balance(one, "securities", 9_000_000, f"62999988{one.serial}2")]),
    Kind("A18", "poor", "存款很少", _adult,
         lambda one, _: [balance(one, "deposit", 120_000, f"62999988{one.serial}1")],
         planted=False),
    Kind("A21", "other_number", "残疾人证号前18位不是本人身份证号", _disabled,
         lambda one, other: [certificate(one, certificate=f"{other.number}42")]),
    Kind("A21", "no_such_kind", "残疾人证号第19位不是残疾类别", _disabled,
         lambda one, _: [certificate(one, certificate=f"{one.number}92")]),
    Kind("A21", "run_out", "残疾人证已过期", _disabled,
         lambda one, _: [certificate(one, state="ended", to_on=date(2025, 5, 16))]),
    Kind("A21", "reissued", "补换发过的有效残疾人证", _disabled,
         lambda one, _: [certificate(one, certificate=f"{one.number}{one.disability}"
                                     f"{min(one.grade, 4)}B1")], planted=False),
    Kind("A22", "account_of_other", _OWN_OF_OTHER, _adult,
         lambda one, other: [balance(other, "deposit", 90_000, one.account)]),
    Kind("A22", "own_account", "账户在本人名下", _adult,
         lambda one, _: [balance(one, "deposit", 90_000, one.account)], planted=False),
    Kind("A12", "cadre_namesake", "在任的是同名的另一人", _adult,
         lambda one, other: [_cadre_at(one, other)], planted=False),
    Kind("A12", "not_in_booklet", "本村另有任职干部，与本户没有登记关系", _head,
         lambda one, other: [_cadre_at(one, other)], planted=False, namesake=False),
    # Who is kin of a cadre of the same township is of a cadre's family too.
    Kind("A09", "kin_of_cadre", "户口簿上的兄弟姐妹是本乡镇（街道）现任村（社区）干部", _head,
         lambda one, other: [residence(other, one.booklet, _SIBLING), _cadre_at(one, other)],
         also={"A12": True}, namesake=False),
    Kind("A09", "kin_elsewhere", "兄弟姐妹是另一乡镇（街道）的干部", _head_elsewhere,
         lambda one, other: [residence(other, one.booklet, _SIBLING), _cadre_away(other)],
         planted=False, also={"A12": True}, namesake=False),
    Kind("A09", "in_law", "同一户口簿上的弟媳是本村干部，不属于近亲属", _head,
         lambda one, other: [residence(other, one.booklet, _IN_LAW), _cadre_at(one, other)],
         planted=False, also={"A12": True}, namesake=False),
    Kind("A09", "kin_out_of_office", "兄弟姐妹已经免去村（社区）职务", _head,
         lambda one, other: [residence(other, one.booklet, _SIBLING),
                             _cadre_at(one, other, to_on=date(2024, 2, 28))],
         planted=False, also={"A12": False}, namesake=False),
    Kind("A09", "kin_moved_out", "任职的兄弟姐妹早已从户口簿迁出", _head,
         lambda one, other: [residence(other, one.booklet, _SIBLING, to_on=date(2010, 5, 4)),
                             _cadre_at(one, other)],
         planted=False, also={"A12": False}, namesake=False),
    # Whom the rosters name that are drawn from a register.
    Kind("S26", "victim", "受灾，核定了损失，自救困难，没有得到救助", _unhelped_head,
         lambda one, _: [_hit(one)]),
    Kind("S26", "can_help_themselves", "受灾，能够自救", _unhelped_head,
         lambda one, _: [_hit(one, kind="able")], planted=False),
    Kind("S26", "not_assessed", "受灾，损失待核定", _unhelped_head,
         lambda one, _: [_hit(one, amount=None, state="suspended")], planted=False),
    Kind("S26", "hit_long_ago", "受灾已超过提取名单的期限", _unhelped_head,
         lambda one, _: [_hit(one, group="ZH202308-01", place="2023年8月洪涝灾害",
                              from_on=date(2023, 8, 5))], planted=False),
    Kind("S26", "relieved", "同一灾害已经得到救助", _relieved_head,
         lambda one, _: [_hit_before_relief(one)], planted=False),
    Kind("S26", "victim_namesake", "受灾的是同名的另一人，困难群众库中没有", _unhelped_head,
         lambda _, other: [_hit(other)], planted=False),
    Kind("S28", "monitored", "监测中，还没有得到帮扶", _unhelped_head,
         lambda one, _: [_monitored(one)]),
    Kind("S28", "risk_over", "风险已经消除", _unhelped_head,
         lambda one, _: [_monitored(one, state="ended", to_on=date(2026, 10, 20))],
         planted=False),
    Kind("S28", "helped", "已在防返贫帮扶名册", _helped_head,
         lambda one, _: [_monitored(one)], planted=False),
    Kind("S28", "monitored_namesake", "监测的是同名的另一人，困难群众库中没有", _unhelped_head,
         lambda _, other: [_monitored(other)], planted=False),
)  # fmt: skip
