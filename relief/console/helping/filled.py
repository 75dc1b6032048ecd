"""What the forms about helpers (帮扶责任人) say."""

from datetime import date

from relief.console.forms import field
from relief.core.errors import Invalid
from relief.visits import helpers
from relief.visits.assigning import Term
from relief.visits.helpers import Said

_SHORT, _LONG, _LEAST = 500, 2000, 2


class DayMissing(Invalid):
    """A day of a form is not filled in, or no day."""

    code = "helper-day-missing"
    title = "请填写日期"


class ReasonMissing(Invalid):
    """A form does not say why, or what a successor is to know."""

    code = "helper-words-missing"
    title = "请写明理由或移交说明，至少 2 个字"


def said() -> Said:
    """Return who the helper is. Raises HelperName, HelperPhone."""
    return helpers.read(name=field("name"), unit=field("unit"), phone=field("phone"))


def term() -> Term:
    """Return from when to when somebody is to help, and how. Raises DayMissing."""
    return Term(
        from_on=day("from_on"),
        until_on=day("until_on") if field("until_on") else None,
        first=True if field("first") else None,
        over_reason=over_reason(),
    )


def day(name: str) -> date:
    """Return a day of the form. Raises DayMissing."""
    try:
        return date.fromisoformat(field(name))
    except ValueError:
        raise DayMissing from None


def words(name: str, *, most: int = _SHORT) -> str:
    """Return a reason of the form. Raises ReasonMissing."""
    text = field(name)[:most]
    if len(text) < _LEAST:
        raise ReasonMissing
    return text


def notes() -> str:
    """Return what a successor is to know. Raises ReasonMissing."""
    return words("notes", most=_LONG)


def over_reason() -> str | None:
    """Return why above the limit, if anything is said. Raises ReasonMissing."""
    return words("over_reason") if field("over_reason") else None
