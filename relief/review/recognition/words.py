"""A recognised identity in words, the same wherever it is told."""

from datetime import date
from typing import Protocol

from relief.registry.types import Category

NAMES = {
    Category.EXTREME_HARDSHIP: "特困人员",
    Category.MINIMUM_ALLOWANCE: "低保对象",
    Category.ALLOWANCE_EDGE: "低保边缘家庭",
    Category.HEAVY_EXPENDITURE: "刚性支出困难家庭",
    Category.MONITORED: "防止返贫监测对象",
}


class Told(Protocol):
    """An identity as it is, or as a case keeps it."""

    @property
    def category(self) -> Category:
        """Return which."""

    @property
    def holder(self) -> str:
        """Return who was confirmed."""

    @property
    def since_on(self) -> date | None:
        """Return its first day."""

    @property
    def checked_on(self) -> date:
        """Return its last check."""

    @property
    def told_by(self) -> str:
        """Return the decision or the list, in words."""


def sentence(one: Told) -> str:
    """Return a sentence: who is confirmed as what, since when, by what, and last checked when."""
    name = NAMES.get(one.category, one.category.value)
    who = one.holder if one.category is Category.EXTREME_HARDSHIP else "该家庭"
    since = f"，{day(one.since_on)}起" if one.since_on else ""
    return f"{who}已认定为{name}{since}，来源：{one.told_by}，最近核查 {day(one.checked_on)}"


def day(one: date) -> str:
    """Return a day in Chinese.

    >>> day(date(2026, 3, 1))
    '2026年3月1日'
    """
    return f"{one.year}年{one.month}月{one.day}日"
