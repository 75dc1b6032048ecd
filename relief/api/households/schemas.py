"""What is told of households and persons. Personal values are masked."""

from marshmallow import Schema, fields, validate

from relief.registry.disclosure import SECRET_FIELDS
from relief.registry.purposes import LONGEST_REMARK
from relief.registry.types import Category
from relief.web.pagination import PageArgs, page_of


class _Place(Schema):
    region = fields.String(load_default=None, validate=validate.Length(max=12))
    scheme = fields.String(load_default=None, validate=validate.Length(max=8))
    category = fields.Enum(Category, by_value=True, load_default=None)


class HouseholdArgs(_Place, PageArgs):
    """What the list is narrowed to. Personal data is never sent in an address: see search."""


class HouseholdCriteria(_Place):
    """What is searched for.

    Name and address in part, a member's identity number or phone whole, the name's sound by whole
    syllables or first letters.
    """

    number = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=20),
        metadata={"description": "户编号, whole: 210302-000123"},
    )
    pinyin = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=80),
        metadata={
            "description": "wangxiaoming, wang xiaoming, xiaoming, wxm; tones ignored, ü as v"
        },
    )
    name = fields.String(load_default=None, validate=validate.Length(min=1, max=40))
    address = fields.String(load_default=None, validate=validate.Length(min=2, max=100))
    citizen_id = fields.String(load_default=None, validate=validate.Length(min=1, max=40))
    phone = fields.String(load_default=None, validate=validate.Length(min=1, max=40))


class HouseholdSearchIn(HouseholdCriteria, PageArgs):
    """A search for people: in a body, because addresses of pages are kept in many logs."""


class SchemeTagOut(Schema):
    """A scheme by code and short name."""

    code = fields.String(required=True)
    name = fields.String(required=True)


class HouseholdOut(Schema):
    """One line of the list."""

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    region_code = fields.String(required=True)
    region_name = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    householder_id = fields.UUID(required=True, allow_none=True)
    householder_name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True, metadata={"description": "masked"})
    member_count = fields.Integer(required=True)
    category = fields.Enum(Category, by_value=True, required=True)
    schemes = fields.List(fields.Nested(SchemeTagOut), required=True)
    helper = fields.String(required=True, allow_none=True)


HouseholdPageOut = page_of(HouseholdOut)


class MemberOut(Schema):
    """One member."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    relation = fields.String(required=True, allow_none=True)
    sex = fields.String(required=True, allow_none=True)
    born_on = fields.Date(required=True, allow_none=True)
    died_on = fields.Date(required=True, allow_none=True)
    citizen_id = fields.String(required=True, allow_none=True, metadata={"description": "masked"})
    phone = fields.String(required=True, allow_none=True, metadata={"description": "masked"})


class SpellOut(Schema):
    """Days that the records cover: from `from_on`, inclusive, to `to_on`, exclusive."""

    from_on = fields.Date(required=True)
    to_on = fields.Date(required=True)


class EnrolmentOut(Schema):
    """A person's place in a scheme. Money in fen."""

    person_id = fields.UUID(required=True)
    person_name = fields.String(required=True)
    scheme = fields.Nested(SchemeTagOut, required=True)
    department_code = fields.String(required=True)
    department_name = fields.String(required=True)
    first_on = fields.Date(required=True, allow_none=True)
    last_on = fields.Date(required=True, allow_none=True)
    record_count = fields.Integer(required=True)
    total_fen = fields.Integer(required=True)
    last_fen = fields.Integer(required=True, allow_none=True)
    spells = fields.List(fields.Nested(SpellOut), required=True)
    ended_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "since when they have left"}
    )
    ended_by = fields.UUID(
        required=True, allow_none=True, metadata={"description": "the batch that says so"}
    )


class AidOut(Schema):
    """What came from one scheme in one year. Money in fen."""

    scheme = fields.Nested(SchemeTagOut, required=True)
    year = fields.Integer(required=True)
    times = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)


class SourceOut(Schema):
    """One department file that speaks of them."""

    batch_id = fields.UUID(required=True)
    scheme = fields.Nested(SchemeTagOut, required=True)
    department_code = fields.String(required=True)
    department_name = fields.String(required=True)
    file_name = fields.String(required=True)
    data_on = fields.Date(required=True, allow_none=True)
    loaded_at = fields.AwareDateTime(required=True)
    descriptions = fields.Integer(required=True)
    records = fields.Integer(required=True)


class ChangeOut(Schema):
    """One change: op I, U or D, and for U the fields as [before, after]."""

    id = fields.Integer(required=True)
    changed_at = fields.AwareDateTime(required=True)
    table = fields.String(required=True)
    row_id = fields.UUID(required=True)
    op = fields.String(required=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Raw(allow_none=True)),
        required=True,
        attribute="fields",
        data_key="fields",
    )


class OriginOut(Schema):
    """Where a field's value came from."""

    scheme = fields.Nested(SchemeTagOut, required=True)
    department_code = fields.String(required=True)
    department_name = fields.String(required=True)
    batch_id = fields.UUID(required=True)
    file_name = fields.String(required=True)
    data_on = fields.Date(required=True, allow_none=True)


class HouseholdDetailOut(Schema):
    """All of a household that the caller may see."""

    household = fields.Nested(HouseholdOut, required=True)
    origins = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(OriginOut),
        required=True,
        metadata={"description": "householder, region, address and phone → where it came from"},
    )
    members = fields.List(fields.Nested(MemberOut), required=True)
    enrolments = fields.List(fields.Nested(EnrolmentOut), required=True)
    aid = fields.List(fields.Nested(AidOut), required=True)
    sources = fields.List(fields.Nested(SourceOut), required=True)
    changes = fields.List(fields.Nested(ChangeOut), required=True)


class FieldOut(Schema):
    """One field of a person."""

    name = fields.String(required=True)
    value = fields.String(required=True, allow_none=True)
    masked = fields.Boolean(required=True)
    origin = fields.Nested(OriginOut, required=True, allow_none=True)


class PersonOut(Schema):
    """All of a person that the caller may see."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    region_code = fields.String(required=True)
    region_name = fields.String(required=True)
    household_id = fields.UUID(required=True, allow_none=True)
    household_number = fields.String(required=True, allow_none=True)
    relation = fields.String(required=True, allow_none=True)
    fields_ = fields.List(
        fields.Nested(FieldOut), required=True, attribute="fields", data_key="fields"
    )
    enrolments = fields.List(fields.Nested(EnrolmentOut), required=True)
    aid = fields.List(fields.Nested(AidOut), required=True)
    sources = fields.List(fields.Nested(SourceOut), required=True)
    changes = fields.List(fields.Nested(ChangeOut), required=True)


class UnmaskIn(Schema):
    """Which fields to see in clear, and what for."""

    fields_ = fields.List(
        fields.String(validate=validate.OneOf(SECRET_FIELDS)),
        required=True,
        validate=validate.Length(min=1, max=len(SECRET_FIELDS)),
        data_key="fields",
    )
    purpose = fields.String(
        required=True,
        validate=validate.Length(max=20),
        metadata={"description": "查询目的，取自代码表 purpose"},
    )
    remark = fields.String(load_default=None, validate=validate.Length(max=LONGEST_REMARK))


class UnmaskedOut(Schema):
    """Personal values in clear."""

    values = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True), required=True)


class ListedPersonOut(Schema):
    """Someone whom a department lists under a household number."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    relation = fields.String(required=True, allow_none=True)
    household_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "of the registry's household"}
    )
    household_number = fields.String(required=True, allow_none=True)


class DepartmentListOut(Schema):
    """One department's own household."""

    department_name = fields.String(required=True)
    schemes = fields.List(
        fields.String(), required=True, metadata={"description": "names of those that list it"}
    )
    household_number = fields.String(required=True)
    last_on = fields.Date(required=True, allow_none=True)
    people = fields.List(fields.Nested(ListedPersonOut), required=True)


class HouseholdListsOut(Schema):
    """A household beside the departments' lists of which it is made."""

    household_id = fields.UUID(required=True)
    number = fields.String(required=True)
    householder_name = fields.String(required=True)
    lists = fields.List(fields.Nested(DepartmentListOut), required=True)
    absent = fields.List(
        fields.List(fields.String()),
        required=True,
        metadata={"description": "of each list, the members that it does not name"},
    )
