"""Ages in completed years (周岁). Pure: knows no clock."""

from datetime import date


def age_on(born_on: date, day: date) -> int:
    """Return how many years someone has completed on a day; who is not born yet is below 0.

    Who was born on 29 February completes a year on 1 March where there is no such day.

    >>> day = date(2026, 11, 23)
    >>> age_on(date(2008, 11, 24), day), age_on(date(2008, 11, 23), day)
    (17, 18)
    """
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or earlier; the month's last where there is none.

    >>> months_after(date(2026, 11, 30), 3), months_after(date(2026, 3, 31), -13)
    (datetime.date(2027, 2, 28), datetime.date(2025, 2, 28))
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    last = (following - date(year, month, 1)).days
    return date(year, month, min(day.day, last))
