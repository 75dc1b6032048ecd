"""What is told of an application before it is made. Telephone numbers are masked."""

from marshmallow import Schema, fields, validate

from relief.registry.types import Category
from relief.review.recognition.types import Field, Source, State
from relief.web.pagination import PageArgs, page_of


class ApplicationFormArgs(Schema):
    """For which scheme; without one, what is known for any."""

    scheme = fields.String(load_default=None, validate=validate.Length(max=8))


class CorrectionIn(Schema):
    """That a known value is another one, and why."""

    field = fields.Enum(Field, by_value=True, required=True)
    kind = fields.String(
        load_default=None,
        validate=validate.Length(max=40),
        metadata={"description": "哪项事实；其他的不填"},
    )
    value = fields.String(
        required=True,
        validate=validate.Length(min=1, max=500),
        metadata={"description": "正确的值；事实为整数，金额以分计，是否为 1 或 0"},
    )
    reason = fields.String(required=True, validate=validate.Length(min=2, max=500))


class ConfirmedIdentityOut(Schema):
    """What the family is confirmed as."""

    category = fields.Enum(Category, by_value=True, required=True)
    holder = fields.String(required=True)
    since_on = fields.Date(required=True, allow_none=True)
    checked_on = fields.Date(required=True, metadata={"description": "最近一次核查"})
    until_on = fields.Date(required=True, metadata={"description": "自这一天起不再认可"})
    source = fields.Enum(Source, by_value=True, required=True)
    state = fields.Enum(State, by_value=True, required=True)
    told = fields.String(required=True, metadata={"description": "一句话说明，含来源"})
    why = fields.String(required=True, allow_none=True, metadata={"description": "为何不能认可"})
    spares = fields.String(
        required=True, allow_none=True, metadata={"description": "因互认免于什么"}
    )
    legal = fields.String(required=True, allow_none=True, metadata={"description": "依据"})


class KnownValueOut(Schema):
    """A value that is filled in, and where it is from."""

    field = fields.Enum(Field, by_value=True, required=True)
    kind = fields.String(attribute="kind_code", required=True, allow_none=True)
    name = fields.String(required=True)
    value = fields.String(required=True)
    origin = fields.String(required=True, metadata={"description": "取自何处"})
    known_on = fields.Date(required=True, allow_none=True)


class KnownPaperOut(Schema):
    """A paper that nobody need hand in."""

    name = fields.String(required=True)
    told = fields.String(required=True, metadata={"description": "存于何处"})
    until_on = fields.Date(required=True, allow_none=True)


class SignerOut(Schema):
    """Someone who still has to sign an authorisation to check."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)


class ApplicationFormOut(Schema):
    """What is known for an application, and what is still asked."""

    identities = fields.List(fields.Nested(ConfirmedIdentityOut), required=True)
    values = fields.List(fields.Nested(KnownValueOut), required=True)
    papers = fields.List(
        fields.Nested(KnownPaperOut), required=True, metadata={"description": "已有，无需提交"}
    )
    signers = fields.List(
        fields.Nested(SignerOut), required=True, metadata={"description": "还须签署核对授权书"}
    )
    facts = fields.List(
        fields.String(), required=True, metadata={"description": "规则需要、还不知道的事实"}
    )


class RosterArgs(PageArgs):
    """Of which scheme."""

    scheme = fields.String(required=True, validate=validate.Length(max=8))


class RosterMissingOut(Schema):
    """Someone who is confirmed, or stands in a register, and has nothing of the scheme yet."""

    person_id = fields.UUID(required=True)
    name = fields.String(required=True)
    household_number = fields.String(required=True, allow_none=True)
    region_code = fields.String(required=True)
    told = fields.String(
        required=True, metadata={"description": "认定的身份和来源，或部门登记中的情况"}
    )
    checked_on = fields.Date(
        required=True, metadata={"description": "最近一次核查，或部门登记数据截至的日期"}
    )


RosterMissingPageOut = page_of(RosterMissingOut)
