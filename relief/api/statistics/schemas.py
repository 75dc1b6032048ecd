"""What is told of aid in sums. Money in fen."""

from marshmallow import Schema, fields, validate

from relief.registry.queries.statistics import By


class StatisticsArgs(Schema):
    """Which aid to sum, and in what lines. Without a region: all that the caller sees."""

    by = fields.Enum(By, by_value=True, load_default=By.YEAR)
    region = fields.String(
        load_default=None,
        validate=validate.Length(max=12),
        metadata={"description": "12 位区划代码，或功能区代码"},
    )
    scheme = fields.String(load_default=None, validate=validate.Length(max=8))
    year = fields.Integer(load_default=None, validate=validate.Range(min=1900, max=2200))


class AidSumOut(Schema):
    """One line: a year, a month (`2026-03`), a scheme or a region."""

    code = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    times = fields.Integer(required=True, metadata={"description": "人次"})
    amount_fen = fields.Integer(required=True)
    persons = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "受助人数；跨项目或跨年度时不能相加，为空"},
    )
    is_rest = fields.Boolean(
        required=True, metadata={"description": "记录只到本级区划，没有落到下级的部分"}
    )


class AidTableOut(Schema):
    """The lines, and what they come to."""

    by = fields.Enum(By, by_value=True, required=True)
    items = fields.List(fields.Nested(AidSumOut), required=True, attribute="lines")
    times = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)
    persons = fields.Integer(required=True, allow_none=True)
