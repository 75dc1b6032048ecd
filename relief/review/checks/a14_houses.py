"""A14: the family owns more than one house, much floor for each, or bought one lately.

民发〔2021〕57号第十四条. A building of which several have a part is one.
"""

from collections.abc import Iterator
from datetime import date

from relief.core.ages import months_after
from relief.registers.entries import House
from relief.registers.types import HouseUse
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Hit, Member

_DM2 = 100
_Owned = dict[object, tuple[Member, House]]


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look where means are checked at the dwellings that the family owns today."""
    if not outside.asks_means(facts):
        return
    owned: _Owned = {}
    for one, house in outside.of(facts, House):
        if house.use is HouseUse.DWELLING and outside.holds(
            house, house.from_on, house.to_on, facts.on
        ):
            own = (one.id, house.address, house.row_number)
            owned.setdefault(house.house_id or own, (one, house))
    if owned:
        yield from _many(facts, owned)
        yield from _wide(facts, owned)
        yield from _bought(facts, owned)


def _many(facts: CaseFacts, owned: _Owned) -> Iterator[Hit]:
    if len(owned) > facts.reference.number("house_count_cap"):
        one, house = _first(owned)
        yield Hit(
            key="count",
            message=f"家庭成员名下登记有 {len(owned)} 处住房",
            evidence=outside.told(
                one, house, house.from_on,
                houses=len(owned), limit=facts.reference.told("house_count_cap", "处"),
            ),
        )  # fmt: skip


def _wide(facts: CaseFacts, owned: _Owned) -> Iterator[Hit]:
    area = sum(house.area_dm2 or 0 for _, house in owned.values())
    if area > facts.reference.numbers["area_cap"] * _DM2 * len(facts.counted):
        one, house = _first(owned)
        people = len(facts.counted)
        yield Hit(
            key="area",
            message="家庭人均住房面积超过规定",
            evidence=outside.told(
                one, house, house.from_on, area=f"{area / _DM2:.2f} 平方米，{people} 人",
                limit=facts.reference.told("area_cap", "平方米/人"),
            ),
        )  # fmt: skip


def _first(owned: _Owned) -> tuple[Member, House]:
    """Return the house to name: the same whatever the order in which the register tells them."""
    return min(
        owned.values(), key=lambda pair: (pair[1].from_on or date.max, pair[1].area_dm2 or 0)
    )


def _bought(facts: CaseFacts, owned: _Owned) -> Iterator[Hit]:
    months = facts.reference.number("house_bought_months")
    for one, house in owned.values():
        if house.from_on is not None and months_after(house.from_on, months) > facts.applied_on:
            yield Hit(
                key=f"bought|{one.id}|{house.from_on.isoformat()}",
                message=f"{one.name}在申请前 {months} 个月内购置住房",
                evidence=outside.told(
                    one, house, house.from_on,
                    limit=facts.reference.told("house_bought_months", "个月"),
                ),
            )  # fmt: skip
