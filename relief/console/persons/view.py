"""The fields of a person as lines of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from relief.console import formats
from relief.console.labels import label
from relief.registry.queries import Origin, PersonDetail

TABLES = ("sex", "ethnicity", "marital", "relation")


@dataclass(frozen=True, slots=True)
class Line:
    """One field: what it is called, its value in words, and where it came from."""

    title: str
    value: str | None
    note: str
    whole: bool
    origin: Origin | None


def lines(
    person: PersonDetail,
    codes: Mapping[str, Mapping[str, str]],
    whole: Mapping[str, str | None],
    now: datetime,
) -> Sequence[Line]:
    """Return a person's fields in words; those in `whole` as they are, not masked."""
    values = {field.name: field.value for field in person.fields}
    return [
        Line(
            title=label(field.name, "field"),
            value=whole.get(field.name) or _words(field.name, field.value, codes),
            note=_age(values, now) if field.name == "born_on" else "",
            whole=bool(whole.get(field.name)),
            origin=field.origin,
        )
        for field in person.fields
        if field.value is not None or field.name != "died_on"
    ]


def _words(name: str, value: str | None, codes: Mapping[str, Mapping[str, str]]) -> str | None:
    return codes[name].get(value, value) if value is not None and name in codes else value


def _age(values: Mapping[str, str | None], now: datetime) -> str:
    age = formats.age(_day(values.get("born_on")), now, _day(values.get("died_on")))
    return "" if age == formats.NOTHING else age


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
