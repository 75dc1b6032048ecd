"""Two people field by field, with what is the same and what is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from relief.console.labels import label
from relief.console.persons import view
from relief.registry.decisions.queries import ReviewDetail
from relief.registry.queries import PersonDetail

TABLES = view.TABLES


@dataclass(frozen=True, slots=True)
class Row:
    """One field of both: `alike` None where nothing can be compared."""

    title: str
    one: str | None
    other: str | None
    alike: bool | None


def rows(
    review: ReviewDetail, codes: Mapping[str, Mapping[str, str]], now: datetime
) -> Sequence[Row]:
    """Return the lines of the comparison of a question's two people."""
    return compared(review.person, review.other, review.alike, codes, now)


def compared(
    one: PersonDetail | None,
    other: PersonDetail | None,
    alike: Mapping[str, bool | None],
    codes: Mapping[str, Mapping[str, str]],
    now: datetime,
) -> Sequence[Row]:
    """Return the lines of a comparison that say anything; one side may be out of reach."""
    left, right = (_values(person, codes, now) for person in (one, other))
    return [
        Row(label(name, "field"), left.get(name), right.get(name), alike.get(name))
        for name in dict.fromkeys([*left, *right])
        if left.get(name) or right.get(name)
    ]


def _values(
    person: PersonDetail | None, codes: Mapping[str, Mapping[str, str]], now: datetime
) -> dict[str, str | None]:
    if person is None:
        return {}
    lines = view.lines(person, codes, {}, now)
    named = {label(field.name, "field"): field.name for field in person.fields}
    values = {named[line.title]: line.value for line in lines}
    place = f"户编号 {person.household_number}" if person.household_number else None
    schemes = "、".join(sorted({row.scheme.name for row in person.enrolments})) or None
    return {
        **values,
        "region_code": person.region_name or None,
        "household_id": place,
        "scheme_code": schemes,
    }
