"""What is told of the past. Money in fen; days are those of China."""

from marshmallow import Schema, fields, validate

from relief.api.households.schemas import SchemeTagOut, SpellOut
from relief.registry.queries.as_of_rows import Presence, Untold
from relief.registry.types import Category


class AsOfArgs(Schema):
    """The days of the question: at least one, and neither to come."""

    believed_on = fields.Date(
        load_default=None,
        metadata={"description": "按这一天结束时系统所知；不填则按今天所知"},
    )
    true_on = fields.Date(
        load_default=None,
        metadata={"description": "各部门名册所记的这一天；不填则为系统当时所载的全部"},
    )


class YearArgs(Schema):
    """Which year; without it, all."""

    year = fields.Integer(load_default=None, validate=validate.Range(min=1900, max=2200))


class PlaceAsOfOut(Schema):
    """A place in a scheme. `spell` holds the day asked about; without one, all that was known."""

    person_id = fields.UUID(required=True)
    person_name = fields.String(required=True)
    scheme = fields.Nested(SchemeTagOut, required=True)
    department_code = fields.String(required=True)
    department_name = fields.String(required=True)
    first_on = fields.Date(required=True, allow_none=True)
    last_on = fields.Date(required=True, allow_none=True)
    record_count = fields.Integer(required=True)
    total_fen = fields.Integer(required=True)
    spell = fields.Nested(SpellOut, required=True, allow_none=True)
    assumed = fields.Boolean(
        required=True, metadata={"description": "名册还没有报到这一天，按仍在册列出"}
    )
    once = fields.Boolean(required=True, metadata={"description": "一次性救助，只记在发放的月份"})


class MemberAsOfOut(Schema):
    """A member, and what the lists say of them on the day."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    relation = fields.String(required=True, allow_none=True)
    sex = fields.String(required=True, allow_none=True)
    born_on = fields.Date(required=True, allow_none=True)
    died_on = fields.Date(required=True, allow_none=True)
    named = fields.Nested(
        SpellOut, required=True, allow_none=True, metadata={"description": "名册提到的首末日期"}
    )
    presence = fields.Enum(Presence, by_value=True, required=True, allow_none=True)


class LateListOut(Schema):
    """A list that does not reach the day: it speaks of the days before `until`."""

    scheme = fields.Nested(SchemeTagOut, required=True, attribute="tag")
    until = fields.Date(required=True, allow_none=True)


class DaysOut(Schema):
    """The days that were asked about."""

    believed_on = fields.Date(required=True, allow_none=True)
    true_on = fields.Date(required=True, allow_none=True)


class _AsOfOut(Schema):
    """What both answers have. `known` false: the registry did not hold it then."""

    id = fields.UUID(required=True)
    days = fields.Nested(DaysOut, required=True)
    known = fields.Boolean(required=True)
    householder_name = fields.String(required=True, allow_none=True)
    region_code = fields.String(required=True, allow_none=True)
    region_name = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    enrolments = fields.List(fields.Nested(PlaceAsOfOut), required=True)
    late = fields.List(fields.Nested(LateListOut), required=True)
    untold = fields.List(
        fields.Enum(Untold, by_value=True),
        required=True,
        metadata={"description": "记录不能说明的事项"},
    )


class HouseholdAsOfOut(_AsOfOut):
    """A household on a day."""

    number = fields.String(required=True, allow_none=True)
    category = fields.Enum(Category, by_value=True, required=True, allow_none=True)
    members = fields.List(fields.Nested(MemberAsOfOut), required=True)


class PersonAsOfOut(_AsOfOut):
    """A person on a day. `registered`: the personal values that there were, not what they are."""

    member = fields.Nested(MemberAsOfOut, required=True, allow_none=True)
    ethnicity = fields.String(required=True, allow_none=True)
    registered = fields.List(fields.String(), required=True)
    household_id = fields.UUID(required=True, allow_none=True)
    household_number = fields.String(required=True, allow_none=True)


class YearPersonOut(Schema):
    """A member to whom something happened in a year."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)


class YearPlaceOut(Schema):
    """A place in a scheme that began or ended in a year."""

    person_id = fields.UUID(required=True)
    person_name = fields.String(required=True)
    scheme = fields.Nested(SchemeTagOut, required=True)


class YearOut(Schema):
    """One year of a household."""

    year = fields.Integer(required=True)
    joined = fields.List(fields.Nested(YearPersonOut), required=True)
    left = fields.List(fields.Nested(YearPersonOut), required=True)
    died = fields.List(fields.Nested(YearPersonOut), required=True)
    moved = fields.List(
        fields.Nested(YearPersonOut),
        required=True,
        metadata={"description": "这一年按新的记录移出本户的人"},
    )
    begun = fields.List(fields.Nested(YearPlaceOut), required=True)
    ended = fields.List(fields.Nested(YearPlaceOut), required=True)
    category = fields.Enum(
        Category,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "年末的困难类别；本年为目前"},
    )
    times = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)


class YearsOut(Schema):
    """The years of a household, the newest first."""

    items = fields.List(fields.Nested(YearOut), required=True)


class AidMonthOut(Schema):
    """What one person got from one scheme in one month."""

    person_id = fields.UUID(required=True)
    person_name = fields.String(required=True)
    scheme = fields.Nested(SchemeTagOut, required=True)
    year = fields.Integer(required=True)
    month = fields.Integer(required=True)
    times = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)


class AidMonthsOut(Schema):
    """Aid by person, scheme and month."""

    items = fields.List(fields.Nested(AidMonthOut), required=True)
