"""What is asked and told of new standards and rises. Of an applicant the name alone is told."""

from decimal import Decimal

from marshmallow import Schema, ValidationError, fields, validate

from relief.review.lists.types import EntryStatus
from relief.review.rising import values
from relief.review.rising.types import RiseReason, RiseStatus, RiseStop
from relief.web.pagination import PageArgs, page_of


def _worth(value: Decimal) -> None:
    # Not `Range`: its bounds would stand in the document as text, beside a number's name for them.
    if not values.fits(value):
        fault = "须大于零，不超过十亿，至多四位小数。"
        raise ValidationError(fault)


class ParameterDraftIn(Schema):
    """What a parameter is to be worth from a day on."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=60))
    region_code = fields.Integer(
        required=True,
        data_key="region",
        strict=True,
        validate=validate.Range(min=10**11, max=10**12 - 1),
        metadata={"description": "市代码，或者另定标准的区县代码"},
    )
    valid_from = fields.Date(required=True)
    value = fields.Decimal(
        required=True,
        validate=_worth,
        metadata={"description": "大于零，至多四位小数；金额以元计"},
    )
    source = fields.String(
        required=True,
        validate=validate.Length(min=2, max=300),
        metadata={"description": "公布标准的文件名称和文号"},
    )


class ParameterDraftOut(Schema):
    """A new value, and how far it is."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    label = fields.String(required=True)
    region_code = fields.Integer(required=True)
    region = fields.String(required=True)
    value = fields.Decimal(required=True, as_string=True, metadata={"type": "string"})
    valid_from = fields.Date(required=True)
    source = fields.String(required=True)
    drafted_by = fields.String(required=True)
    drafted_at = fields.AwareDateTime(required=True)
    published_by = fields.String(required=True, allow_none=True)
    published_at = fields.AwareDateTime(required=True, allow_none=True)
    discarded_at = fields.AwareDateTime(required=True, allow_none=True)


ParameterDraftPageOut = page_of(ParameterDraftOut)


class StandardRiseIn(Schema):
    """Which scheme rises, by the standard of which day, and where."""

    scheme_code = fields.String(
        required=True, data_key="scheme", validate=validate.Length(min=1, max=8)
    )
    effective_on = fields.Date(
        required=True, metadata={"description": "新标准的起始日期，某月 1 日"}
    )
    region_code = fields.Integer(
        required=True, data_key="region", strict=True, metadata={"description": "市或区县代码"}
    )
    paid_from = fields.Date(
        required=True,
        metadata={"description": "从哪个月起按新标准发放，本月或者下月的 1 日；之前的差额补发"},
    )
    reason = fields.String(required=True, validate=validate.Length(min=2, max=2000))


class RiseEntryFilterIn(Schema):
    """What the entitlements of a rise are narrowed to."""

    status = fields.Enum(EntryStatus, by_value=True, load_default=None)
    reason = fields.Enum(RiseReason, by_value=True, load_default=None)


class RiseEntryArgs(PageArgs, RiseEntryFilterIn):
    """One page of them."""


class RisenStandardOut(Schema):
    """A parameter with its value before and after."""

    name = fields.String(required=True)
    label = fields.String(required=True)
    before = fields.String(required=True)
    after = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    source = fields.String(required=True)
    region_code = fields.Integer(
        required=True,
        allow_none=True,
        dump_default=None,
        metadata={"description": "of the city or county whose value it is"},
    )
    region = fields.String(required=True, allow_none=True, dump_default=None)


class StandardRiseOut(Schema):
    """One rise, and how far it is."""

    id = fields.UUID(required=True)
    scheme_code = fields.String(required=True)
    scheme_name = fields.String(required=True)
    region_code = fields.Integer(required=True)
    region_name = fields.String(required=True)
    effective_on = fields.Date(required=True)
    paid_from = fields.Date(required=True)
    standards = fields.List(fields.Nested(RisenStandardOut), required=True)
    reason = fields.String(required=True)
    status = fields.Enum(RiseStatus, by_value=True, required=True)
    stopped_for = fields.Enum(RiseStop, by_value=True, required=True, allow_none=True)
    working = fields.Boolean(
        required=True,
        metadata={"description": "drawing or signed and not working: given up, resume it"},
    )
    total = fields.Integer(required=True)
    digest = fields.String(required=True, allow_none=True)
    drawn_by = fields.String(required=True)
    begun_at = fields.AwareDateTime(required=True)
    drawn_at = fields.AwareDateTime(required=True, allow_none=True)
    signed_by = fields.String(required=True, allow_none=True)
    signed_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    listed = fields.Integer(required=True)
    left_out = fields.Integer(required=True)
    decided = fields.Integer(required=True)
    not_decided = fields.Integer(required=True)
    more_fen = fields.Integer(required=True, metadata={"description": "每月共增加，分"})
    back_fen = fields.Integer(required=True, metadata={"description": "应补发合计，分"})


StandardRisePageOut = page_of(StandardRiseOut)


class StandardRiseEntryOut(Schema):
    """One entitlement of a rise, and what became of it."""

    position = fields.Integer(required=True)
    case_id = fields.UUID(required=True)
    number = fields.String(required=True)
    applicant_name = fields.String(required=True, allow_none=True)
    region_code = fields.Integer(required=True)
    old_fen = fields.Integer(required=True)
    new_fen = fields.Integer(required=True, allow_none=True)
    more_fen = fields.Integer(required=True, allow_none=True)
    starts_on = fields.Date(required=True)
    back_months = fields.Integer(required=True)
    back_fen = fields.Integer(required=True)
    status = fields.Enum(EntryStatus, by_value=True, required=True)
    reason = fields.Enum(RiseReason, by_value=True, required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)


StandardRiseEntryPageOut = page_of(StandardRiseEntryOut)
