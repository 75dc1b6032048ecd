"""What is told of regions, departments, schemes and code tables."""

from marshmallow import Schema, fields, validate


class RegionArgs(Schema):
    """Below which region to look; without it, the city."""

    parent = fields.Integer(load_default=None, validate=validate.Range(min=10**11, max=10**12 - 1))


class RegionOut(Schema):
    """One region."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    full_name = fields.String(required=True)
    level = fields.String(required=True)


class ZoneOut(Schema):
    """One functional zone."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    statutory_parent = fields.String(required=True)


class RegionsOut(Schema):
    """Regions directly below one, and the city's functional zones."""

    items = fields.List(fields.Nested(RegionOut), required=True)
    zones = fields.List(fields.Nested(ZoneOut), required=True)


class DepartmentOut(Schema):
    """One department."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    sees_all_households = fields.Boolean(required=True)


class DepartmentsOut(Schema):
    """All departments."""

    items = fields.List(fields.Nested(DepartmentOut), required=True)


class SchemeOut(Schema):
    """One scheme."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    short_name = fields.String(required=True)
    department_code = fields.String(required=True)
    unit = fields.String(required=True)
    period = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)


class SchemesOut(Schema):
    """All schemes."""

    items = fields.List(fields.Nested(SchemeOut), required=True)


class CodeTablesArgs(Schema):
    """Which tables to return."""

    table = fields.List(
        fields.String(validate=validate.Length(max=40)),
        required=True,
        validate=validate.Length(min=1, max=20),
    )


class CodeTablesOut(Schema):
    """Table → code → name."""

    tables = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.String()),
        required=True,
    )


class ParametersArgs(Schema):
    """Of which day, and what holds where; without a region, every value there is."""

    on = fields.Date(load_default=None, metadata={"description": "默认今天"})
    region_code = fields.Integer(
        load_default=None, data_key="region", validate=validate.Range(min=10**11, max=10**12 - 1)
    )


class ParameterOut(Schema):
    """A value that holds on a day, in the city or in a county that has its own."""

    name = fields.String(required=True)
    label = fields.String(required=True, allow_none=True)
    unit = fields.String(required=True, allow_none=True)
    region_code = fields.Integer(required=True)
    region = fields.String(required=True)
    own = fields.Boolean(
        required=True,
        metadata={"description": "of a county: a newer value of the city does not change it"},
    )
    value = fields.Decimal(required=True, as_string=True, metadata={"type": "string"})
    valid_from = fields.Date(required=True)
    source = fields.String(required=True)
    confidence = fields.String(required=True)


class ParametersOut(Schema):
    """The values that hold on a day, by name."""

    items = fields.List(fields.Nested(ParameterOut), required=True)
